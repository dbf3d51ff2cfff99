package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/clauses"
	"github.com/bellkeep/bellkeep/internal/cli"
	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/rules"
	"github.com/bellkeep/bellkeep/internal/school/policy"
)

const policyHelp = `Reads schools' rules. The words:

  show SCHOOL   the rules in words, then how each clause of the policy is met
  diff A B      what two schools decide differently
  apply FILE    propose a changed policy.yaml to a running server

SCHOOL is a folder with a policy.yaml, or the name of a school that is built in:
elmfield, northbourne, ash-cartwright-kelsey. Each word has --help with an example:
bellkeep policy show --help`

func policyCommand(ctx context.Context, args []string, stdout, _ io.Writer) error {
	word, rest := firstWord(args)
	switch word {
	case "show":
		return policyShow(rest, stdout)
	case "diff":
		return policyDiff(rest, stdout)
	case "apply":
		return policyApply(ctx, rest, stdout)
	case "help", "--help", "-h":
		fmt.Fprintln(stdout, policyHelp)
		return cli.ErrHelp
	}
	return misuse("There are: bellkeep policy show, diff and apply. Run: bellkeep policy --help")
}

const policyShowHelp = `Shows a school's rules in words, and of each clause of its written policy how it is
met: enforced (by which rule, and the Go test that fails without it), recorded (as
which kind of record), shown, not yet, or outside, as no software can do it.

Example: bellkeep policy show northbourne --how not-yet`

func policyShow(args []string, stdout io.Writer) error {
	fs := newFlags("policy show SCHOOL", policyShowHelp)
	how := fs.String("how", "", "only clauses met like this: enforced, recorded, shown, not-yet or outside")
	dirs, err := parseWords(fs, args, stdout, 1)
	if err != nil {
		return err
	}
	if *how != "" && !slices.Contains(clauses.Ways, clauses.How(*how)) {
		return misuse("--how: %q is none of enforced, recorded, shown, not-yet and outside", *how)
	}
	f, list, err := readPolicy(dirs[0])
	if err != nil {
		return err
	}
	if *how == "" {
		printRules(stdout, f)
	}
	printClauses(stdout, list, clauses.How(*how))
	return nil
}

const policyDiffHelp = `Shows what two schools decide differently, in words.

Example: bellkeep policy diff ash-cartwright-kelsey northbourne`

func policyDiff(args []string, stdout io.Writer) error {
	fs := newFlags("policy diff SCHOOL SCHOOL", policyDiffHelp)
	dirs, err := parseWords(fs, args, stdout, 2)
	if err != nil {
		return err
	}
	a, _, errA := readPolicy(dirs[0])
	b, _, errB := readPolicy(dirs[1])
	if err := errors.Join(errA, errB); err != nil {
		return err
	}
	changes := policy.Diff(a.Rules, b.Rules)
	for _, c := range changes {
		fmt.Fprintf(stdout, "%s\n  %s: %s\n  %s: %s\n", c.Key.Title, schoolName(dirs[0]), c.Before, schoolName(dirs[1]), c.After)
	}
	if len(changes) == 0 {
		fmt.Fprintln(stdout, "The two decide the same.")
	}
	return nil
}

// parseWords reads n words, and the flags after them.
func parseWords(fs *flag.FlagSet, args []string, stdout io.Writer, n int) ([]string, error) {
	var words []string
	for len(args) > 0 {
		if !strings.HasPrefix(args[0], "-") {
			words, args = append(words, args[0]), args[1:]
			continue
		}
		break
	}
	if err := parse(fs, args, stdout); err != nil {
		return nil, err
	}
	if len(words) != n {
		return nil, misuse("%d folders are needed here. Run: bellkeep %s --help", n, fs.Name())
	}
	return words, nil
}

func schoolName(dir string) string { return filepath.Base(filepath.Clean(dir)) }

// readPolicy reads the rules and clauses of a school's folder, or of a school that
// is built in: a folder of that name is the one that counts.
func readPolicy(school string) (_ rules.File, _ []clauses.Clause, err error) {
	dir := school
	if _, here := rules.Path(dir); !here {
		written, err := os.MkdirTemp("", "bellkeep-policy-")
		if err != nil {
			return rules.File{}, nil, errs.Wrap(err, errs.Unavailable, "No folder could be made for the school's files.", "Name a school's folder instead.")
		}
		defer func() { err = errors.Join(err, os.RemoveAll(written)) }()
		if dir, err = schoolFolder(school, written); err != nil {
			return rules.File{}, nil, err
		}
	}
	path, ok := rules.Path(dir)
	if !ok {
		return rules.File{}, nil, errs.New(errs.NotFound, fmt.Sprintf("There is no %s in %s.", rules.FileName, school), "Name a school's folder, or a school that is built in, such as northbourne.")
	}
	var faults config.Faults
	f := rules.ReadFile(path, &faults)
	list := checkClauses(dir, f, &faults)
	return f, list, faults.Err()
}

// checkClauses reads a school's clauses and checks that its rules name those
// only.
func checkClauses(dir string, f rules.File, faults *config.Faults) []clauses.Clause {
	list := clauses.Load(dir, faults)
	f.Known(filepath.Join(dir, rules.FileName), func(id string) bool {
		_, ok := clauses.Find(list, id)
		return ok
	}, faults)
	return list
}

func printRules(stdout io.Writer, f rules.File) {
	fmt.Fprintf(stdout, "%s, in force from %s\n", f.Policy, f.From)
	for _, group := range policy.Groups {
		fmt.Fprintf(stdout, "\n%s\n", group)
		for _, k := range policy.Keys {
			if k.Group != group {
				continue
			}
			fmt.Fprintf(stdout, "  %s: %s", k.Title, k.Words(f.Rules))
			if ids := f.Clauses[k.Name]; len(ids) > 0 {
				fmt.Fprintf(stdout, " (%s)", strings.Join(ids, ", "))
			}
			fmt.Fprintln(stdout)
		}
	}
}

// printClauses prints how each clause is met, and how many are in which way.
func printClauses(stdout io.Writer, list []clauses.Clause, only clauses.How) {
	if only == "" && len(list) > 0 {
		fmt.Fprintln(stdout, "\nThe policy, clause by clause")
	}
	count := map[clauses.How]int{}
	for _, c := range list {
		count[c.How]++
		if only == "" || c.How == only {
			fmt.Fprintf(stdout, "%s  %s\n    %s\n", c.ID, c.Meaning, met(c))
		}
	}
	var totals []string
	for _, how := range clauses.Ways {
		totals = append(totals, fmt.Sprintf("%d %s", count[how], strings.ToLower(how.Words())))
	}
	if len(list) > 0 {
		fmt.Fprintf(stdout, "%d clauses: %s.\n", len(list), strings.Join(totals, ", "))
	}
}

// met says in a few words how a clause is met.
func met(c clauses.Clause) string {
	text := strings.ToLower(c.How.Words())
	switch c.How {
	case clauses.Enforced:
		text += " by " + c.Rule + ", test " + c.Proof
	case clauses.Recorded:
		text += " as " + c.Event
	}
	if c.Note != "" {
		text += ": " + c.Note
	}
	return text
}
