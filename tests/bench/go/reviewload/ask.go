package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// transport is what k8s.io/apiserver and client-go make for a webhook: HTTP/1.1, 25 idle
// connections, as many open ones as there are requests at a time.
func transport(ca string) (*http.Client, error) {
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", ca)
	}
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Client{
		Timeout: 10 * time.Second,
		Transport: &http.Transport{
			TLSHandshakeTimeout: 10 * time.Second,
			TLSClientConfig:     &tls.Config{RootCAs: roots, NextProtos: []string{"http/1.1"}},
			MaxIdleConnsPerHost: 25,
			IdleConnTimeout:     90 * time.Second,
			DialContext:         dialer.DialContext,
		},
	}, nil
}

type one struct{ took, late float64 }

// report: milliseconds. Took: from handing the request to the transport to the answer's last byte.
// Late: from when a request was due to when it was handed over, which is the machine's doing.
type report struct {
	Reviews     int                `json:"reviews"`
	Errors      int                `json:"errors"`
	FirstError  string             `json:"first_error,omitempty"`
	Connections int64              `json:"connections"`
	Seconds     float64            `json:"seconds"`
	Took        map[string]float64 `json:"took_ms"`
	Late        map[string]float64 `json:"late_ms"`
}

func ask(client *http.Client, bodies [][]byte, o options) report {
	var (
		lock  sync.Mutex
		group sync.WaitGroup
		seen  []one
		total  report
		conns atomic.Int64
	)
	begin := time.Now()
	counted, end := begin.Add(o.warm), begin.Add(o.warm+o.length)
	due := begin
	for i := 0; due.Before(end); i++ {
		time.Sleep(time.Until(due))
		group.Add(1)
		go func(due time.Time, body []byte) {
			defer group.Done()
			sent := time.Now()
			err := post(client, o, body, &conns)
			took := time.Since(sent)
			if due.Before(counted) {
				return
			}
			lock.Lock()
			defer lock.Unlock()
			seen = append(seen, one{took.Seconds() * 1e3, sent.Sub(due).Seconds() * 1e3})
			if err != nil {
				total.Errors++
				total.FirstError = err.Error()
			}
		}(due, bodies[i%len(bodies)])
		due = due.Add(time.Duration(rand.ExpFloat64() / o.rate * float64(time.Second)))
	}
	group.Wait()
	total.Reviews, total.Connections, total.Seconds = len(seen), conns.Load(), o.length.Seconds()
	total.Took = quantiles(seen, func(x one) float64 { return x.took })
	total.Late = quantiles(seen, func(x one) float64 { return x.late })
	return total
}

func post(client *http.Client, o options, body []byte, conns *atomic.Int64) error {
	request, err := http.NewRequest(http.MethodPost, o.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if !info.Reused {
			conns.Add(1)
		}
	}}
	request = request.WithContext(httptrace.WithClientTrace(request.Context(), trace))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, */*")
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK || !bytes.Contains(got, []byte(o.expect)) {
		return fmt.Errorf("status %d: %.200s", answer.StatusCode, got)
	}
	return nil
}

func quantiles(seen []one, of func(one) float64) map[string]float64 {
	values := make([]float64, 0, len(seen))
	for _, x := range seen {
		values = append(values, of(x))
	}
	sort.Float64s(values)
	found := map[string]float64{}
	for name, q := range map[string]float64{"p50": .5, "p90": .9, "p99": .99, "p99.9": .999, "max": 1} {
		if len(values) > 0 {
			found[name] = values[int(q*float64(len(values)-1))]
		}
	}
	return found
}
