package provider

import (
	"regexp"
	"testing"
)

func TestAPasswordSatisfiesTheRuleOfTheAPI(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		password, err := newPassword()
		if err != nil {
			t.Fatal(err)
		}
		for rule, pattern := range map[string]string{
			"20 letters and digits":        `^[a-zA-Z0-9]{20}$`,
			"a lower-case letter":          `[a-z]`,
			"an upper-case one, not first": `^.+[A-Z]`,
			"a digit that is not the last": `[0-9].`,
		} {
			if !regexp.MustCompile(pattern).MatchString(password) {
				t.Errorf("%q has not: %s", password, rule)
			}
		}
		if seen[password] {
			t.Errorf("%q came twice", password)
		}
		seen[password] = true
	}
}
