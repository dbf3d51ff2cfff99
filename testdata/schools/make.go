//go:build ignore

// Make writes the fictional school Mill Lane from a fixed seed:
//
//	go run testdata/schools/make.go
//
// The badges are real badges of nobody: their tokens come from the seed, so
// they must never be used at a school.
package main

import (
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/bellkeep/bellkeep/internal/school"
)

const pupils = 60

var (
	given = strings.Fields("Amara Ben Chloe Dawid Esme Farah Gethin Hana Idris Jude Keira Luca Maja Noor Oscar Priya Quinn Rosa Samir Tegan Umar Violet Wren Yusuf Zofia Aled Bilal Cerys Dylan Elif")
	last  = strings.Fields("Abbott Barlow Chowdhury Denham Eastwood Fairley Ghosh Hussain Iqbal Jarvis Kowalski Lister Mistry Nowak Okafor Pritchard Quigley Rahman Sutcliffe Thwaite Underhill Varga Whitlock Yardley Zaman Ashdown Birch Coyle Draper Ennis")
)

func main() {
	dir := filepath.Join("testdata", "schools", "mill-lane")
	random := rand.New(rand.NewPCG(2026, 1))
	var key [32]byte
	copy(key[:], "mill lane badges, for nobody")
	tokens := rand.NewChaCha8(key)

	names := random.Perm(len(given) * len(last))
	roll := "person,name,form,door,bank\n"
	badges := "person,badge,state\n"
	sheet := "person,badge,door\n" // what is printed and handed out
	for i := range pupils {
		id := fmt.Sprintf("p-%03d", i+1)
		form := []string{"7A", "7B"}[i*2/pupils]
		name := given[names[i]%len(given)] + " " + last[names[i]/len(given)]
		roll += fmt.Sprintf("%s,%s,%s,%d,a\n", id, name, form, i+1)
		text := badge(tokens)
		badges += fmt.Sprintf("%s,%s,active\n", id, text)
		sheet += fmt.Sprintf("%s,%s,%d\n", id, text, i+1)
	}
	write(filepath.Join(dir, "roll.csv"), roll)
	write(filepath.Join(dir, "badges.csv"), badges)
	write(filepath.Join(dir, "sheet.csv"), sheet)
}

func badge(random *rand.ChaCha8) string {
	token, err := school.NewToken(random)
	if err != nil {
		log.Fatal(err)
	}
	return token.Badge()
}

func write(path, text string) {
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
}
