//go:build ignore

// People writes the people of the fictional Elmfield Academy, with its cabinets,
// and of the two primary schools; what they are is in the package generate:
//
//	go run testdata/schools/people.go
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/bellkeep/bellkeep/testdata/schools/generate"
)

func main() {
	write("elmfield", generate.Elmfield())
	for _, id := range generate.Primaries() {
		write(id, generate.Primary(id))
	}
}

func write(school string, files map[string][]byte) {
	for name, text := range files {
		path := filepath.Join("testdata", "schools", school, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
