package bus_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain runs all tests and then sees that no goroutine of a client or a
// broker outlived them.
func TestMain(m *testing.M) {
	code := m.Run()
	if left := leftovers(15 * time.Second); code == 0 && left != "" {
		fmt.Println("goroutines were left behind:\n" + left)
		code = 1
	}
	os.Exit(code)
}

// leftovers waits for such goroutines to end and gives those that do not.
func leftovers(patience time.Duration) string {
	for start := time.Now(); ; runtime.Gosched() {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		var left []string
		for stack := range strings.SplitSeq(string(stacks), "\n\n") {
			if !strings.Contains(stack, "TestMain") && (strings.Contains(stack, "internal/bus") || strings.Contains(stack, "mqtt")) {
				left = append(left, stack)
			}
		}
		if len(left) == 0 || time.Since(start) > patience {
			return strings.Join(left, "\n\n")
		}
	}
}
