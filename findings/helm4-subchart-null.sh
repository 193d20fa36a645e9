#!/usr/bin/env bash
# Helm 4: a chart's null for its subchart's default works only if the user sets something else there.
#
# Expected: as in Helm 3 and in the documentation: null in a parent chart's values.yaml removes the
#   subchart's default of that name.
# Seen: in Helm 4 the default stays (the CPU limit is there), until the user sets any other value of
#   that subchart: then the same null removes it. Helm 3 removes it both times.
# Why it matters to a pod scaler: an umbrella chart that takes its subchart's CPU limit away gives pods
#   with a limit after the move to Helm 4, and without one where somebody set a replica count.
# Versions: helm.sh/helm/v4 v4.3.2, helm.sh/helm/v3 v3.22.0, Go 1.26; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	chart3 "helm.sh/helm/v3/pkg/chart"
	util3 "helm.sh/helm/v3/pkg/chartutil"
	util4 "helm.sh/helm/v4/pkg/chart/common/util"
	chart4 "helm.sh/helm/v4/pkg/chart/v2"
	"sigs.k8s.io/yaml"
)

const (
	parentValues = "web: {resources: {limits: {cpu: null}}}"
	childValues  = "replicas: 1\nresources: {limits: {cpu: 500m, memory: 64Mi}}"
)

func values(text string) map[string]any {
	read := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &read); err != nil {
		panic(err)
	}
	return read
}

func show(version, user string, all map[string]any, err error) {
	if err != nil {
		panic(err)
	}
	limits, err := json.Marshal(all["web"].(map[string]any)["resources"].(map[string]any)["limits"])
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s, user sets %s: limits %s\n", version, user, limits)
}

func main() {
	for _, user := range []string{"{}", "{web: {replicas: 2}}"} {
		parent3 := &chart3.Chart{Metadata: &chart3.Metadata{Name: "all"}, Values: values(parentValues)}
		parent3.AddDependency(&chart3.Chart{Metadata: &chart3.Metadata{Name: "web"}, Values: values(childValues)})
		all3, err := util3.CoalesceValues(parent3, values(user))
		show("Helm 3", user, all3, err)

		parent4 := &chart4.Chart{Metadata: &chart4.Metadata{Name: "all"}, Values: values(parentValues)}
		parent4.AddDependency(&chart4.Chart{Metadata: &chart4.Metadata{Name: "web"}, Values: values(childValues)})
		all4, err := util4.CoalesceValues(parent4, values(user))
		show("Helm 4", user, all4, err)
	}
}
GO
go mod init finding >go.log 2>&1
go get helm.sh/helm/v4/pkg/chart/common/util@v4.3.2 helm.sh/helm/v4/pkg/chart/v2@v4.3.2 \
	helm.sh/helm/v3/pkg/chart@v3.22.0 helm.sh/helm/v3/pkg/chartutil@v3.22.0 sigs.k8s.io/yaml@v1.6.0 >>go.log 2>&1 || { cat go.log; exit 1; }

cat >expected <<'TEXT'
Helm 3, user sets {}: limits {"memory":"64Mi"}
Helm 4, user sets {}: limits {"cpu":"500m","memory":"64Mi"}
Helm 3, user sets {web: {replicas: 2}}: limits {"memory":"64Mi"}
Helm 4, user sets {web: {replicas: 2}}: limits {"memory":"64Mi"}
TEXT
echo "helm $(go list -m -f '{{.Version}}' helm.sh/helm/v3) and $(go list -m -f '{{.Version}}' helm.sh/helm/v4): Helm 4 forgets a parent chart's null, unless the user sets another value"
go run . | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
