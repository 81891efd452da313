// Package cherry speaks to the Cherry Servers API the way the client library of provider 1.5.3 does: the same headers,
// the same reading of answers, and the same absence of deadlines and retries.
// Source of the facts: reference/cherry-api.md, section 1.1.
package cherry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Address is where the real provider always goes. There is no setting for another one; the environment's HTTPS_PROXY
// decides what answers there.
const Address = "https://api.cherryservers.com/v1/"

// agent is the client library's own part of the User-Agent; the real one names 3.8.0 in every later version, too.
const agent = "cherry-agent-go/3.8.0"

// Client sends requests with one bearer token.
type Client struct {
	http      *http.Client
	token     string
	userAgent string
}

// Answer is what is known of an answer besides its content. A nil *Answer stands beside an error when nothing
// readable came back: no connection, or an error whose body is not the API's JSON.
type Answer struct {
	Status int
}

// New gives a client that identifies itself with the provider's part of the User-Agent, followed by the library's.
// It reaches the API through LoopbackProxy and nothing else.
func New(token, providerAgent string) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = LoopbackProxy
	return &Client{
		http:      &http.Client{Transport: transport},
		token:     token,
		userAgent: providerAgent + " " + agent,
	}
}

// call sends one request and decodes a good answer into result, unless that is nil. There is no deadline and no second
// try: an API that never answers holds Terraform up for good, as with the real provider.
func (client *Client) call(method, path string, body, result any) (*Answer, error) {
	request, err := client.request(method, path, body)
	if err != nil {
		return nil, err
	}
	response, err := client.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()

	if response.StatusCode >= 299 {
		return refusal(response)
	}
	answer := &Answer{Status: response.StatusCode}
	if result == nil || response.StatusCode == http.StatusNoContent {
		return answer, nil
	}
	return answer, json.NewDecoder(response.Body).Decode(result)
}

func (client *Client) request(method, path string, body any) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, Address+strings.TrimPrefix(path, "/"), content)
	if err != nil {
		return nil, err
	}
	request.Close = true
	request.Header.Set("Authorization", "Bearer "+client.token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", client.userAgent)
	return request, nil
}

// refusal reads the API's error. Its code comes from the body, whatever the status line said.
func refusal(response *http.Response) (*Answer, error) {
	var stated struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	if err := json.NewDecoder(response.Body).Decode(&stated); err != nil {
		return nil, err
	}
	answer := &Answer{Status: response.StatusCode}
	return answer, fmt.Errorf("Error response from API: %s (error code: %d)", stated.Message, stated.Code) //nolint:staticcheck // the text is the real one's
}

// fields is the query that asks for parts of an object.
func fields(names ...string) string {
	return "?" + url.Values{"fields": {strings.Join(names, ",")}}.Encode()
}
