package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// container is one that runs; cpu are the core-seconds that it had used at a time.
type container struct {
	namespace, pod, name string
	workload             int
	cores                float64
	started, at          time.Time
	cpu                  float64
}

// town is what runs where.
type town struct {
	lock    sync.Mutex
	nodes   map[string]map[string]*container // by node, then by namespace/pod/container
	places  map[string]string                // the node of each namespace/pod
	shares  map[int]float64                  // by workload's number
	share   float64
	ballast []byte
}

func newTown(share float64, ballast int) *town {
	line := `container_fs_reads_bytes_total{container="app",device="/dev/vda",id="/kubepods/burstable/pod",image="",name="",namespace="shop",pod="web"} 0 1700000000000` + "\n"
	return &town{
		nodes:   map[string]map[string]*container{},
		places:  map[string]string{},
		shares:  map[int]float64{},
		share:   share,
		ballast: []byte(strings.Repeat(line, ballast/len(line))),
	}
}

// event is a line of a watch, as far as it counts here.
type event struct {
	Type   string
	Object struct {
		Metadata struct {
			Namespace, Name string
			Labels          map[string]string
		}
		Spec struct {
			NodeName   string
			Containers []struct {
				Name      string
				Resources struct{ Limits map[string]string }
			}
		}
		Status struct {
			ContainerStatuses []struct {
				Name  string
				State struct {
					Running *struct{ StartedAt time.Time }
				}
			}
		}
	}
}

// follow watches all pods, for ever: each watch begins with those that are there.
func (t *town) follow(client *http.Client, api string) {
	for {
		answer, err := client.Get(api + "/api/v1/pods?watch=1&resourceVersion=0&labelSelector=scale")
		if err == nil {
			t.lock.Lock()
			t.nodes, t.places = map[string]map[string]*container{}, map[string]string{}
			t.lock.Unlock()
			lines := json.NewDecoder(answer.Body)
			for {
				var one event
				if err = lines.Decode(&one); err != nil {
					break
				}
				t.take(&one)
			}
			answer.Body.Close()
		}
		log.Println("the watch ended:", err)
		time.Sleep(time.Second)
	}
}

func (t *town) take(one *event) {
	meta, spec := one.Object.Metadata, one.Object.Spec
	pod := meta.Namespace + "/" + meta.Name
	t.lock.Lock()
	defer t.lock.Unlock()
	if one.Type == "DELETED" {
		for _, made := range spec.Containers {
			delete(t.nodes[t.places[pod]], pod+"/"+made.Name)
		}
		delete(t.places, pod)
		return
	}
	if spec.NodeName == "" {
		return
	}
	number, _ := strconv.Atoi(meta.Labels["scale"])
	t.places[pod] = spec.NodeName
	if t.nodes[spec.NodeName] == nil {
		t.nodes[spec.NodeName] = map[string]*container{}
	}
	for index, status := range one.Object.Status.ContainerStatuses {
		running := status.State.Running
		if running == nil || index >= len(spec.Containers) {
			continue
		}
		key, since := pod+"/"+status.Name, running.StartedAt
		if known := t.nodes[spec.NodeName][key]; known != nil && known.started.Equal(since) {
			continue
		}
		t.nodes[spec.NodeName][key] = &container{
			namespace: meta.Namespace, pod: meta.Name, name: status.Name, workload: number,
			cores: cores(spec.Containers[index].Resources.Limits["cpu"]), started: since, at: since,
		}
	}
}

// cores reads a CPU quantity as the API server writes it; 1 without a limit.
func cores(text string) float64 {
	if milli, found := strings.CutSuffix(text, "m"); found {
		value, _ := strconv.ParseFloat(milli, 64)
		return value / 1000
	}
	if value, err := strconv.ParseFloat(text, 64); err == nil {
		return value
	}
	return 1
}

// used is what a container has used until now.
func (t *town) used(one *container, now time.Time) float64 {
	share, known := t.shares[one.workload]
	if !known {
		share = t.share
	}
	if passed := now.Sub(one.at).Seconds(); passed > 0 {
		one.cpu, one.at = one.cpu+share*one.cores*passed, now
	}
	return one.cpu
}

// control sets the share of some workloads: POST /?from=0&to=200&share=0.95
func (t *town) control(answer http.ResponseWriter, asked *http.Request) {
	from, errFrom := strconv.Atoi(asked.FormValue("from"))
	to, errTo := strconv.Atoi(asked.FormValue("to"))
	share, errShare := strconv.ParseFloat(asked.FormValue("share"), 64)
	if errFrom != nil || errTo != nil || errShare != nil {
		http.Error(answer, "from, to and share are numbers", http.StatusBadRequest)
		return
	}
	now := time.Now()
	t.lock.Lock()
	defer t.lock.Unlock()
	for _, node := range t.nodes {
		for _, one := range node {
			t.used(one, now)
		}
	}
	for number := from; number < to; number++ {
		t.shares[number] = share
	}
	fmt.Fprintln(answer, "ok")
}
