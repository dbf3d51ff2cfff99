package registers

import (
	_ "embed" // of the registers that come with the product
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/bellkeep/bellkeep/internal/config"
)

// FileName is the file in a school's folder that changes the registers and adds to
// them: a list of registers. One with the id of a built-in register changes what it
// names of that and leaves the rest.
const FileName = "registers.yaml"

//go:embed builtin.yaml
var builtin []byte

// Builtin are the registers of a school that says nothing.
func Builtin() []Kind {
	var d struct {
		Registers []Kind `yaml:"registers"`
	}
	if err := yaml.Unmarshal(builtin, &d); err != nil {
		panic(fmt.Sprintf("builtin.yaml: %v", err)) // it is compiled in, and read by a test
	}
	return d.Registers
}

// Path is where a school's folder has its registers, if it says anything of them.
func Path(dir string) (path string, ok bool) {
	path = filepath.Join(dir, FileName)
	_, err := os.Stat(path)
	return path, err == nil
}

// ReadFile is the built-in registers with a file's changes, and notes everything wrong
// with it.
func ReadFile(path string, faults *config.Faults) []Kind {
	var strict struct { // what is unknown or of the wrong type is told with its line
		Registers []Kind `yaml:"registers"`
	}
	var d struct {
		Registers []yaml.Node `yaml:"registers"`
	}
	list := Builtin()
	if !config.Load(path, &strict, faults) || !config.Load(path, &d, new(config.Faults)) {
		return list
	}
	changed := map[string]bool{}
	for _, node := range d.Registers {
		var named Kind
		_ = node.Decode(&named) // its faults are noted above
		id := named.ID
		if changed[id] {
			faults.Add(path, node.Line, "the register %s stands here a second time", id)
			continue
		}
		changed[id] = true
		at := slices.IndexFunc(list, func(k Kind) bool { return k.ID == id })
		if at < 0 {
			at, list = len(list), append(list, Kind{})
		}
		_ = node.Decode(&list[at]) // over what it changes
		for _, why := range list[at].wrong() {
			faults.Add(path, node.Line, "register %s: %s", id, why)
		}
	}
	if len(list) > MaxKinds {
		faults.Add(path, 0, "there are more than %d registers", MaxKinds)
	}
	return list
}
