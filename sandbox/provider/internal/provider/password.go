package provider

import (
	"crypto/rand"
	"math/big"
)

const (
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
	upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits    = "0123456789"
)

// newPassword makes the password that a reinstallation must carry: 20 letters and digits that satisfy the API's rule
// (a lower-case letter, an upper-case letter that is not the first, a digit that is not the last). Nobody uses it.
func newPassword() (string, error) {
	password := ""
	for len(password) < 20 {
		alphabet := lowerCase + upperCase + digits
		switch len(password) {
		case 0:
			alphabet = lowerCase
		case 1:
			alphabet = upperCase
		case 2:
			alphabet = digits
		}
		index, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			return "", err
		}
		password += string(alphabet[index.Int64()])
	}
	return password, nil
}
