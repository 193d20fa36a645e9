// reviewload sends AdmissionReviews at a fixed rate, whatever becomes of the answers, over the
// transport that the API server has for webhooks, and prints what it saw as one JSON object.
// With -serve it is the other side: the least that an answer can cost, for comparison.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

type options struct {
	url, bodies, ca, listen, cert, key string
	rate                               float64
	warm, length                       time.Duration
	expect                             string
}

func main() {
	var o options
	var serve bool
	flag.BoolVar(&serve, "serve", false, "answer instead of asking")
	flag.StringVar(&o.listen, "listen", "", "with -serve: address")
	flag.StringVar(&o.cert, "cert", "", "with -serve: certificate")
	flag.StringVar(&o.key, "key", "", "with -serve: key")
	flag.StringVar(&o.url, "url", "", "where to post")
	flag.StringVar(&o.ca, "ca", "", "certificate to trust")
	flag.StringVar(&o.bodies, "bodies", "", "file with a review on each line, sent in turn")
	flag.StringVar(&o.expect, "expect", "", "text that each answer must contain")
	flag.Float64Var(&o.rate, "rate", 200, "reviews in a second, at random (Poisson)")
	flag.DurationVar(&o.warm, "warm", 5*time.Second, "not counted")
	flag.DurationVar(&o.length, "length", 60*time.Second, "counted")
	flag.Parse()
	if err := run(serve, o); err != nil {
		fmt.Fprintln(os.Stderr, "reviewload:", err)
		os.Exit(1)
	}
}

func run(serve bool, o options) error {
	if serve {
		return answer(o)
	}
	bodies, err := lines(o.bodies)
	if err != nil {
		return err
	}
	client, err := transport(o.ca)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(ask(client, bodies, o))
}

func lines(path string) ([][]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var found [][]byte
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		found = append(found, []byte(scanner.Text()))
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s holds no review", path)
	}
	return found, scanner.Err()
}
