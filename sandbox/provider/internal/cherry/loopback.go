package cherry

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// LoopbackProxy is the proxy that the environment names for a request, provided that it is on this machine. Anything
// else is an error: this provider is a test double and must not reach a real account, whatever the environment says.
func LoopbackProxy(request *http.Request) (*url.URL, error) {
	return onlyLoopback(http.ProxyFromEnvironment, request)
}

// CheckProxy tells whether requests to the API would go to a proxy on this machine, without sending any.
func CheckProxy() error {
	request, err := http.NewRequest(http.MethodGet, Address, nil)
	if err != nil {
		return err
	}
	_, err = LoopbackProxy(request)
	return err
}

func onlyLoopback(proxyFor func(*http.Request) (*url.URL, error), request *http.Request) (*url.URL, error) {
	const never = "this is the stand-in for the Cherry Servers provider, a test double: it never goes near a real account"
	proxy, err := proxyFor(request)
	if err != nil {
		return nil, fmt.Errorf("%s, and HTTPS_PROXY cannot be read: %w", never, err)
	}
	if proxy == nil {
		return nil, fmt.Errorf("%s. It runs only where HTTPS_PROXY points to an emulator on a loopback address "+
			"(127.0.0.0/8, ::1 or localhost), and here nothing stands between it and %s: HTTPS_PROXY is unset, "+
			"or NO_PROXY takes the host out", never, request.URL.Host)
	}
	if host := proxy.Hostname(); !isLoopback(host) {
		return nil, fmt.Errorf("%s. It runs only where HTTPS_PROXY points to an emulator on a loopback address "+
			"(127.0.0.0/8, ::1 or localhost), and here it points to %q", never, host)
	}
	return proxy, nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
