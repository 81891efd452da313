package cherry

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func proxyAt(t *testing.T, address string) func(*http.Request) (*url.URL, error) {
	t.Helper()
	proxy, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return func(*http.Request) (*url.URL, error) { return proxy, nil }
}

func aRequest(t *testing.T) *http.Request {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, Address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return request
}

func TestItRunsBehindAProxyOnThisMachine(t *testing.T) {
	for _, address := range []string{"http://127.0.0.1:8443", "http://127.9.9.9:1", "http://[::1]:8443", "http://localhost:8443"} {
		proxy, err := onlyLoopback(proxyAt(t, address), aRequest(t))
		if err != nil || proxy.String() != address {
			t.Errorf("%s is refused: %v", address, err)
		}
	}
}

func TestItRefusesToRunBehindAnyOtherProxy(t *testing.T) {
	for _, address := range []string{
		"http://192.0.2.1:3128", "http://proxy.example.com:3128", "http://0.0.0.0:1", "http://127.0.0.1.example.com:1",
		"http://localhost.example.com:1", "http://[2001:db8::1]:1", "http://user:secret@192.0.2.7:1",
	} {
		_, err := onlyLoopback(proxyAt(t, address), aRequest(t))
		if err == nil || !strings.Contains(err.Error(), "never goes near a real account") {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the proxy's password is shown: %v", err)
		}
	}
}

func TestItRefusesToRunWithoutAProxy(t *testing.T) {
	direct := func(*http.Request) (*url.URL, error) { return nil, nil }
	_, err := onlyLoopback(direct, aRequest(t))
	if err == nil || !strings.Contains(err.Error(), "HTTPS_PROXY is unset") {
		t.Errorf("it says %v", err)
	}
}

func TestItSaysWhyTheProxySettingCannotBeRead(t *testing.T) {
	broken := func(*http.Request) (*url.URL, error) { return nil, errors.New("invalid port") }
	_, err := onlyLoopback(broken, aRequest(t))
	if err == nil || !strings.Contains(err.Error(), "invalid port") {
		t.Errorf("it says %v", err)
	}
}

func TestEveryRequestOfAClientPassesTheCheck(t *testing.T) {
	// This process has no HTTPS_PROXY of a sandbox: a client that were to go on its own would try to reach the API.
	t.Setenv("HTTPS_PROXY", "")
	t.Setenv("https_proxy", "")
	_, err := New("token", "test").Cycles()
	if err == nil || !strings.Contains(err.Error(), "never goes near a real account") {
		t.Errorf("it says %v", err)
	}
}
