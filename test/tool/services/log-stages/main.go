// Command log-stages does to lines what the stages "drop" and "replace" of Alloy's loki.process do to them, with the
// regular expressions of Go's standard library, which are Alloy's own. It reads one JSON document from standard input
// and writes what is left of each line, null for a dropped one.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
)

type stages struct {
	Drop    string   `json:"drop"`
	Replace []string `json:"replace"`
	With    string   `json:"with"`
	Lines   []string `json:"lines"`
}

// replaced has every group of every match replaced (Grafana Alloy documentation, "stage.replace").
func replaced(expression *regexp.Regexp, with, line string) string {
	var result strings.Builder
	end := 0
	for _, match := range expression.FindAllStringSubmatchIndex(line, -1) {
		for group := 2; group < len(match); group += 2 {
			if match[group] < end {
				continue
			}
			result.WriteString(line[end:match[group]])
			result.WriteString(with)
			end = match[group+1]
		}
	}
	return result.String() + line[end:]
}

func processed(given stages) ([]*string, error) {
	drop, err := regexp.Compile(given.Drop)
	if err != nil {
		return nil, err
	}
	left := make([]*string, len(given.Lines))
	for index, line := range given.Lines {
		if drop.MatchString(line) {
			continue
		}
		for _, expression := range given.Replace {
			compiled, err := regexp.Compile(expression)
			if err != nil {
				return nil, err
			}
			line = replaced(compiled, given.With, line)
		}
		left[index] = &line
	}
	return left, nil
}

func run() error {
	var given stages
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		return err
	}
	left, err := processed(given)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(left)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
