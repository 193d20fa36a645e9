package main

import (
	"io"
	"net/http"
)

// answer reads a body and answers `-expect`: no parsing, no patch, only HTTP over TLS.
func answer(o options) error {
	handler := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, o.expect)
	}
	return http.ListenAndServeTLS(o.listen, o.cert, o.key, http.HandlerFunc(handler))
}
