//go:build ignore

// Elmfield writes the fictional Elmfield Academy's people and cabinets; what
// they are is in the package generate:
//
//	go run testdata/schools/elmfield.go
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/bellkeep/bellkeep/testdata/schools/generate"
)

func main() {
	for name, text := range generate.Elmfield() {
		path := filepath.Join("testdata", "schools", "elmfield", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
