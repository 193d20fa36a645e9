#!/usr/bin/env bash
# Prometheus' two Go parsers of one text format: each trips over other blanks.
#
# Expected: what the format says: blanks at the beginning and at the end of a line are ignored, and
#   tokens may have any number of blanks between them. Both parsers are Prometheus' own.
# Seen: textparse (the server's scrape) takes a blank at the beginning into the metric's name, without
#   an error; expfmt (the library's, in many tools) ignores it, but refuses a blank at the end, which
#   textparse ignores. And textparse refuses a TYPE line with more than one blank between its parts,
#   and takes "#TYPE" for a comment, where expfmt reads both.
# Why it matters to a pod scaler: an exposition that one tool calls good is empty or refused in the
#   other. Whoever writes metrics by hand writes single blanks between and none around.
# Versions: github.com/prometheus/prometheus v0.316.0, github.com/prometheus/common v0.74.0, Go 1.26;
#   2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

func library(text string) string {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		return "refused"
	}
	for name, family := range families {
		return fmt.Sprintf("%s %q", strings.ToLower(family.GetType().String()), name)
	}
	return "nothing"
}

func server(text string) string {
	parser, err := textparse.New([]byte(text), "text/plain; version=0.0.4", labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		panic(err)
	}
	kind := "untyped"
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return "nothing"
		}
		if err != nil {
			return "refused"
		}
		switch entry {
		case textparse.EntryType:
			_, read := parser.Type()
			kind = string(read)
		case textparse.EntrySeries:
			var found labels.Labels
			parser.Labels(&found)
			return fmt.Sprintf("%s %q", kind, found.Get("__name__"))
		}
	}
}

func main() {
	for _, text := range []string{
		"up 1\n",
		"up   1\n",
		" up 1\n",
		"up 1 \n",
		"#  TYPE  up  gauge\nup 1\n",
		"#TYPE up gauge\nup 1\n",
	} {
		fmt.Printf("%q: expfmt %s, textparse %s\n", text, library(text), server(text))
	}
}
GO
go mod init finding >go.log 2>&1
go get github.com/prometheus/prometheus/model/textparse@v0.316.0 github.com/prometheus/common/expfmt@v0.74.0 >>go.log 2>&1 || { cat go.log; exit 1; }

cat >expected <<'TEXT'
"up 1\n": expfmt untyped "up", textparse untyped "up"
"up   1\n": expfmt untyped "up", textparse untyped "up"
" up 1\n": expfmt untyped "up", textparse untyped " up"
"up 1 \n": expfmt refused, textparse untyped "up"
"#  TYPE  up  gauge\nup 1\n": expfmt gauge "up", textparse refused
"#TYPE up gauge\nup 1\n": expfmt gauge "up", textparse untyped "up"
TEXT
echo "prometheus $(go list -m -f '{{.Version}}' github.com/prometheus/prometheus), common $(go list -m -f '{{.Version}}' github.com/prometheus/common): each parser trips over other blanks"
go run . | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
