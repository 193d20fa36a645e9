package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"time"
)

const memory = 50 << 20 // bytes that every container uses

// serve answers as the kubelet whose address was called: 127.1.A.B is node kwok-(250 A + B - 1).
func (t *town) serve(answer http.ResponseWriter, asked *http.Request) {
	at, ok := asked.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok || at.IP.To4() == nil {
		http.Error(answer, "no such node", http.StatusNotFound)
		return
	}
	ip := at.IP.To4()
	node := fmt.Sprintf("kwok-%d", 250*int(ip[2])+int(ip[3])-1)
	var page bytes.Buffer
	switch asked.URL.Path {
	case "/metrics/resource":
		t.resource(&page, node, time.Now())
	case "/metrics/cadvisor":
		t.cadvisor(&page, node, time.Now())
	default:
		http.NotFound(answer, asked)
		return
	}
	answer.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = answer.Write(page.Bytes())
}

func (t *town) resource(page *bytes.Buffer, node string, now time.Time) {
	t.lock.Lock()
	defer t.lock.Unlock()
	stamp, all, count := now.UnixMilli(), 0.0, 0
	for _, one := range t.nodes[node] {
		used := t.used(one, now)
		all, count = all+used, count+1
		labels := fmt.Sprintf(`{container=%q,namespace=%q,pod=%q}`, one.name, one.namespace, one.pod)
		fmt.Fprintf(page, "container_cpu_usage_seconds_total%s %f %d\n", labels, used, stamp)
		fmt.Fprintf(page, "container_memory_working_set_bytes%s %d %d\n", labels, memory, stamp)
		fmt.Fprintf(page, "container_start_time_seconds%s %d\n", labels, one.started.Unix())
	}
	fmt.Fprintf(page, "node_cpu_usage_seconds_total %f %d\n", all, stamp)
	fmt.Fprintf(page, "node_memory_working_set_bytes %d %d\n", count*memory, stamp)
}

func (t *town) cadvisor(page *bytes.Buffer, node string, now time.Time) {
	t.lock.Lock()
	defer t.lock.Unlock()
	stamp := now.UnixMilli()
	for _, one := range t.nodes[node] {
		labels := fmt.Sprintf(
			`{container=%q,id="/kubepods/%s",image="app",name="%s",namespace=%q,pod=%q}`,
			one.name, one.pod, one.pod, one.namespace, one.pod,
		)
		periods := 10 * now.Sub(one.started).Seconds()
		for _, line := range []struct {
			name  string
			value float64
		}{
			{"container_start_time_seconds", float64(one.started.Unix())},
			{"container_cpu_cfs_periods_total", periods},
			{"container_cpu_cfs_throttled_periods_total", periods / 10},
			{"container_memory_rss", memory - 10<<20},
			{"container_memory_cache", 10 << 20},
			{"container_memory_total_active_file_bytes", 5 << 20},
			{"container_memory_total_inactive_file_bytes", 5 << 20},
			{"container_memory_failcnt", 0},
		} {
			fmt.Fprintf(page, "%s%s %f %d\n", line.name, labels, line.value, stamp)
		}
		page.Write(t.ballast)
	}
}
