// kubelets answers for the metrics of kubelets that do not exist: kwok's nodes, each at an address of
// its own on the loopback, over TLS, signed by the cluster's CA as the kubelets' own certificates are.
//
// It follows the API server's pods. Every container uses a share of its CPU limit from its start on.
// kwok's own metrics cannot serve here: its lines have no time of their own, and their start time is
// an age.
package main

import (
	"crypto/tls"
	"flag"
	"log"
	"net/http"
	"time"
)

func main() {
	api := flag.String("api", "https://10.1.0.1:6443", "the API server")
	ca := flag.String("ca", "", "the cluster's CA")
	caKey := flag.String("ca-key", "", "its key")
	cert := flag.String("cert", "", "our certificate for the API server")
	key := flag.String("key", "", "its key")
	listen := flag.String("listen", ":10350", "the kubelets' port, at every address")
	control := flag.String("control", "127.0.0.1:10351", "where shares are set, over HTTP")
	share := flag.Float64("share", 0.6, "of its CPU limit, what a container uses")
	ballast := flag.Int("ballast", 18000, "bytes of /metrics/cadvisor that nobody wants, a container")
	flag.Parse()

	town := newTown(*share, *ballast)
	client, err := client(*ca, *cert, *key)
	if err != nil {
		log.Fatal(err)
	}
	go town.follow(client, *api)
	go func() { log.Fatal(http.ListenAndServe(*control, http.HandlerFunc(town.control))) }()

	identities, err := signer(*ca, *caKey)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{
		Addr:              *listen,
		Handler:           http.HandlerFunc(town.serve),
		TLSConfig:         &tls.Config{GetCertificate: identities.of},
		ReadHeaderTimeout: 10 * time.Second,
	}
	log.Fatal(server.ListenAndServeTLS("", ""))
}
