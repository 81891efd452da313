package provider_test

import (
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"cogni.test/sandbox/provider/internal/apitest"
	"cogni.test/sandbox/provider/internal/provider"
	"cogni.test/sandbox/provider/internal/terraformtest"
	"github.com/cenkalti/backoff/v4"
)

func TestMain(m *testing.M) { apitest.Main(m) }

const token = "a-token-of-the-tests"

// The names used by the requests file, so that its bodies can be compared as they stand.
const (
	project  = 254000
	serverID = 811000
	keyID    = 13001
	ipID     = "aaaaaaaa-0000-4000-8000-000000000003"
	otherIP  = "aaaaaaaa-0000-4000-8000-000000000001"
	plan     = "B1-2-2gb-40s-shared"
	region   = "LT-Siauliai"
	userData = "I2Nsb3VkLWNvbmZpZwo="
)

type object = map[string]any

// with gives a copy of an object with some fields changed; a nil value takes one out.
func with(base object, changes object) object {
	changed := maps.Clone(base)
	for name, value := range changes {
		if value == nil {
			delete(changed, name)
		} else {
			changed[name] = value
		}
	}
	return changed
}

func aRegion() object {
	return object{
		"id": 1, "name": region, "slug": region, "region_iso_2": "LT", "location": "Lithuania",
		"bgp": object{"hosts": []any{"192.0.2.1"}, "asn": 65001},
	}
}

func aServer() object {
	return object{
		"id": serverID, "name": "prod-app", "hostname": "prod-app", "image": "Ubuntu 22.04 64bit", "spot_instance": false,
		"region": aRegion(), "state": "active", "status": "deployed", "tags": object{},
		"project": object{"id": project, "name": "sandbox"}, "plan": object{"id": 902, "slug": plan},
		"pricing":  object{"price": 0.02, "unit_price": 0.5, "currency": "EUR", "unit": "Hours", "taxed": false},
		"ssh_keys": []any{object{"id": keyID, "label": "deploy"}},
		"ip_addresses": []any{
			object{"id": otherIP, "type": "primary-ip", "address": "203.0.113.16", "address_family": 4, "cidr": "203.0.113.0/24"},
			object{"id": "aaaaaaaa-0000-4000-8000-000000000002", "type": "private-ip", "address": "10.168.101.16", "address_family": 4, "cidr": "10.168.101.0/24"},
		},
	}
}

func aKey() object {
	return object{
		"id": keyID, "label": "deploy", "key": "ssh-ed25519 AAAA deploy@example", "fingerprint": "00:11",
		"created": "2026-02-06T11:34:24+00:00", "updated": "2026-02-06T11:34:24+00:00",
	}
}

func anAddress() object {
	return object{
		"id": ipID, "address": "203.0.113.200", "address_family": 4, "cidr": "203.0.113.200/32", "type": "floating-ip",
		"region": aRegion(), "project": object{"id": project}, "tags": object{},
	}
}

func aProject() object {
	return object{"id": project, "name": "sandbox", "bgp": object{"enabled": false, "local_asn": 0}}
}

func images() []any {
	return []any{
		object{"id": 1, "name": "Ubuntu 24.04 64bit", "slug": "ubuntu_24_04_64bit"},
		object{"id": 2, "name": "Ubuntu 22.04 64bit", "slug": "ubuntu_22_04"},
	}
}

func serverConfig() object {
	return object{
		"project_id": project, "plan": plan, "region": region, "hostname": "prod-app", "name": "prod-app",
		"image": "ubuntu_22_04", "ssh_key_ids": []any{fmt.Sprint(keyID)}, "user_data": userData,
	}
}

// paths of the API that come up again and again.
var (
	serverPath = fmt.Sprintf("/v1/servers/%d", serverID)
	keyPath    = fmt.Sprintf("/v1/ssh-keys/%d", keyID)
	ipPath     = "/v1/ips/" + ipID
	imagesPath = "/v1/plans/" + plan + "/images"
	ordersPath = fmt.Sprintf("/v1/projects/%d/servers", project)
)

// anAPIWith answers every request about one server, as it is at its best.
func anAPIWith(t *testing.T, server object) *apitest.API {
	t.Helper()
	created := apitest.Reply{Status: http.StatusCreated, Body: server}
	return apitest.New(t).
		On("POST "+ordersPath, created).
		On("GET "+serverPath+"?fields=state", apitest.OK(object{"state": "active"})).
		On("GET "+serverPath+"?fields=status", apitest.OK(object{"status": "deployed"})).
		On("GET "+serverPath+"?fields=power", apitest.OK(object{"power": "on"})).
		On("PUT "+serverPath, created).
		On("GET "+serverPath, apitest.OK(server)).
		On("GET "+imagesPath, apitest.OK(images())).
		On("POST "+serverPath+"/actions", created).
		On("DELETE "+serverPath, apitest.Reply{Status: http.StatusNoContent})
}

// stopwatch is a clock that jumps ahead by what it is asked to wait, and keeps a list of the waits.
type stopwatch struct {
	now   time.Time
	waits []time.Duration
	fired chan time.Time
}

func newStopwatch() *stopwatch {
	return &stopwatch{now: time.Unix(1_700_000_000, 0), fired: make(chan time.Time, 1)}
}

func (watch *stopwatch) Now() time.Time { return watch.now }

func (watch *stopwatch) Start(wait time.Duration) {
	watch.waits = append(watch.waits, wait)
	watch.now = watch.now.Add(wait)
	watch.fired <- watch.now
}

func (watch *stopwatch) Stop()               {}
func (watch *stopwatch) C() <-chan time.Time { return watch.fired }

// terraform gives a configured provider and the clock by which it waits.
func terraform(t *testing.T) (*terraformtest.Core, *stopwatch) {
	t.Helper()
	watch := newStopwatch()
	core := terraformtest.Start(t, provider.New(provider.Pace{NewTimer: func() backoff.Timer { return watch }, Clock: watch}))
	if said := core.Configure(terraformtest.Config{"api_token": token}); said.HasError() {
		t.Fatal(said.Text())
	}
	return core, watch
}
