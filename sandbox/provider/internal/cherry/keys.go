package cherry

import "fmt"

// SSHKey is a public key of the account.
type SSHKey struct {
	ID          int    `json:"id"`
	Label       string `json:"label"`
	Key         string `json:"key"`
	Fingerprint string `json:"fingerprint"`
	User        User   `json:"user"`
	Updated     string `json:"updated"`
	Created     string `json:"created"`
	Href        string `json:"href"`
}

// User is the owner of a key.
type User struct {
	ID                    int    `json:"id"`
	FirstName             string `json:"first_name"`
	LastName              string `json:"last_name"`
	Email                 string `json:"email"`
	EmailVerified         bool   `json:"email_verified"`
	Phone                 string `json:"phone"`
	SecurityPhone         string `json:"security_phone"`
	SecurityPhoneVerified bool   `json:"security_phone_verified"`
	Href                  string `json:"href"`
}

// keyText is what creating and changing a key send.
type keyText struct {
	Label string `json:"label"`
	Key   string `json:"key"`
}

// CreateKey registers a public key.
func (client *Client) CreateKey(label, key string) (made SSHKey, err error) {
	_, err = client.call("POST", "ssh-keys", keyText{label, key}, &made)
	return made, err
}

// Key reads one key.
func (client *Client) Key(id int) (key SSHKey, answer *Answer, err error) {
	answer, err = client.call("GET", fmt.Sprintf("ssh-keys/%d", id), nil, &key)
	return key, answer, err
}

// Keys lists the account's keys.
func (client *Client) Keys() (keys []SSHKey, err error) {
	_, err = client.call("GET", "ssh-keys"+fields("ssh_key", "email"), nil, &keys)
	return keys, err
}

// ChangeKey gives a key another label or text, under the same id. Servers that were installed with it keep the old text.
func (client *Client) ChangeKey(id int, label, key string) error {
	var changed SSHKey
	_, err := client.call("PUT", fmt.Sprintf("ssh-keys/%d", id), keyText{label, key}, &changed)
	return err
}

// DeleteKey removes a key. A 2xx other than 204 must carry a key, or it is an error.
func (client *Client) DeleteKey(id int) error {
	var key SSHKey
	_, err := client.call("DELETE", fmt.Sprintf("ssh-keys/%d", id), nil, &key)
	return err
}
