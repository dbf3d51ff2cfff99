// Command relay opens the kiosk's page to the network of a pretended machine,
// where nothing but a test is. It is in no image but the one of check.sh.
package main

import (
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
)

func main() {
	page := &url.URL{Scheme: "http", Host: "127.0.0.1:8081"}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(page) }}
	log.Fatal(http.ListenAndServe(":8080", proxy))
}
