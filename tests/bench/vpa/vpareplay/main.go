// vpareplay replays usage through the Vertical Pod Autoscaler's own recommender model, estimator and
// updater rules, on a simulated clock of whole minutes.
//
// Standard input: {"cases": [{"name", "cpu": [millicores wanted in each minute], "memory": [bytes],
// "request", "limit", "memoryRequest", "memoryLimit"}]}; memory may be left out. Standard output, by
// name: the sizes, each with the first minute that it is in force. Nothing is judged here.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"k8s.io/klog/v2"
)

// Case is one container: what it wants in each minute, and the size that its manifest has.
type Case struct {
	Name   string  `json:"name"`
	CPU    []int64 `json:"cpu"`
	Memory []int64 `json:"memory"`
	Size
}

// Size is in millicores and bytes; From is the first minute that it is in force.
type Size struct {
	From          int   `json:"from"`
	Request       int64 `json:"request"`
	Limit         int64 `json:"limit"`
	MemoryRequest int64 `json:"memoryRequest"`
	MemoryLimit   int64 `json:"memoryLimit"`
}

func main() {
	quiet()
	var in struct {
		Cases []Case `json:"cases"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		fmt.Fprintln(os.Stderr, "vpareplay:", err)
		os.Exit(2)
	}
	out := map[string][]Size{}
	for _, one := range in.Cases {
		out[one.Name] = replay(one)
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		fmt.Fprintln(os.Stderr, "vpareplay:", err)
		os.Exit(1)
	}
}

func quiet() {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	klog.InitFlags(flags)
	_ = flags.Set("logtostderr", "false")
	_ = flags.Set("stderrthreshold", "FATAL")
}
