// Package apitest plays the Cherry Servers API for tests: a TLS server with a certificate for the API's own name behind
// a CONNECT proxy, both on loopback, reached through HTTPS_PROXY and SSL_CERT_FILE exactly as an emulator is.
package apitest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Host is the name that the TLS server's certificate is for.
const Host = "api.cherryservers.com"

// Request is one request as the API saw it.
type Request struct {
	Method string
	// Path with its query, such as /v1/servers/1?fields=state.
	Path   string
	Header http.Header
	// Body decoded from JSON; nil when there was none.
	Body any
}

// Line is the request as "METHOD path".
func (request Request) Line() string { return request.Method + " " + request.Path }

// Reply is one answer.
type Reply struct {
	Status int
	// Body is sent as it is when it is a string, else as JSON.
	Body any
	// Hangup closes the connection without an answer.
	Hangup bool
}

// API holds the answers of one test and what was asked.
type API struct {
	mutex    sync.Mutex
	answers  map[string][]Reply
	requests []Request
	// unexpected are the requests that no reply was set for.
	unexpected []string
}

var (
	current      *API
	currentMutex sync.Mutex
)

// Main runs a package's tests with the environment pointing to the double. The certificate pool and the proxy settings
// are read once a process by Go itself, so this belongs into TestMain.
func Main(m *testing.M) {
	os.Exit(func() int {
		server := httptest.NewUnstartedServer(http.HandlerFunc(serve))
		authority, certificate := newCertificate(Host)
		server.TLS = certificate
		server.StartTLS()
		defer server.Close()
		proxy := httptest.NewServer(connectProxy(server.Listener.Addr().String()))
		defer proxy.Close()

		folder, err := os.MkdirTemp("", "apitest")
		if err != nil {
			panic(err)
		}
		defer func() { _ = os.RemoveAll(folder) }()
		caFile := filepath.Join(folder, "ca.pem")
		if err := os.WriteFile(caFile, authority, 0o600); err != nil {
			panic(err)
		}
		for name, value := range map[string]string{
			"HTTPS_PROXY": proxy.URL, "NO_PROXY": "", "no_proxy": "", "SSL_CERT_FILE": caFile, "SSL_CERT_DIR": folder,
			"CHERRY_AUTH_KEY": "", "CHERRY_AUTH_TOKEN": "",
		} {
			if err := os.Setenv(name, value); err != nil {
				panic(err)
			}
		}
		return m.Run()
	}())
}

// New gives a fresh double to a test. A request that it has no answer for gets a 404 in the API's own form, and fails
// the test at its end.
func New(t *testing.T) *API {
	t.Helper()
	api := &API{answers: map[string][]Reply{}}
	currentMutex.Lock()
	current = api
	currentMutex.Unlock()
	t.Cleanup(func() {
		for _, line := range api.unexpected {
			t.Errorf("the API was asked %s, which this test did not expect", line)
		}
	})
	return api
}

// On sets the replies to "METHOD /v1/path?query", given in turn; the last one repeats.
func (api *API) On(line string, replies ...Reply) *API {
	api.mutex.Lock()
	defer api.mutex.Unlock()
	api.answers[line] = replies
	return api
}

// OK is a reply with status 200 and a JSON body.
func OK(body any) Reply { return Reply{Status: http.StatusOK, Body: body} }

// Refused is an error in the API's own form.
func Refused(status int, message string) Reply {
	return Reply{Status: status, Body: map[string]any{"code": status, "message": message}}
}

// Requests gives what was asked so far, in order, and forgets it.
func (api *API) Requests() []Request {
	api.mutex.Lock()
	defer api.mutex.Unlock()
	asked := api.requests
	api.requests = nil
	return asked
}

// Lines gives what was asked so far as "METHOD path", in order, and forgets it.
func (api *API) Lines() []string {
	lines := []string{}
	for _, request := range api.Requests() {
		lines = append(lines, request.Line())
	}
	return lines
}

func (api *API) reply(request Request) Reply {
	api.mutex.Lock()
	defer api.mutex.Unlock()
	api.requests = append(api.requests, request)
	replies := api.answers[request.Line()]
	if len(replies) == 0 {
		api.unexpected = append(api.unexpected, request.Line())
		return Refused(http.StatusNotFound, "no answer was set for "+request.Line())
	}
	if len(replies) > 1 {
		api.answers[request.Line()] = replies[1:]
	}
	return replies[0]
}

func serve(writer http.ResponseWriter, request *http.Request) {
	currentMutex.Lock()
	api := current
	currentMutex.Unlock()

	var body any
	content, _ := io.ReadAll(request.Body)
	if len(content) > 0 {
		if err := json.Unmarshal(content, &body); err != nil {
			body = string(content)
		}
	}
	header := request.Header.Clone()
	if request.Close {
		header.Set("Connection", "close")
	}
	reply := api.reply(Request{Method: request.Method, Path: request.URL.RequestURI(), Header: header, Body: body})
	if reply.Hangup {
		hangUp(writer)
		return
	}
	var text []byte
	switch content := reply.Body.(type) {
	case nil:
	case string:
		text = []byte(content)
	default:
		text, _ = json.Marshal(content)
	}
	writer.WriteHeader(reply.Status)
	_, _ = io.Copy(writer, bytes.NewReader(text))
}

func hangUp(writer http.ResponseWriter) {
	connection, _, err := writer.(http.Hijacker).Hijack()
	if err == nil {
		_ = connection.Close()
	}
}

// connectProxy tunnels to the TLS server, and only for the API's own name.
func connectProxy(backend string) http.Handler {
	return http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		if request.Method != http.MethodConnect || request.Host != Host+":443" {
			http.Error(writer, "only the API is reachable here, not "+request.Host, http.StatusForbidden)
			return
		}
		upstream, err := net.Dial("tcp", backend)
		if err != nil {
			http.Error(writer, err.Error(), http.StatusBadGateway)
			return
		}
		client, buffered, err := writer.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = fmt.Fprint(client, "HTTP/1.1 200 Connection established\r\n\r\n")
		go pipe(upstream, client, buffered.Reader)
		go pipe(client, upstream, bufio.NewReader(upstream))
	})
}

func pipe(to, from net.Conn, reader *bufio.Reader) {
	_, _ = io.Copy(to, reader)
	_ = to.Close()
	_ = from.Close()
}
