package provider_test

import (
	"fmt"
	"net/http"
	"testing"

	"cogni.test/sandbox/provider/internal/apitest"
	"cogni.test/sandbox/provider/internal/terraformtest"
)

// aServerInState gives a server that Terraform has made. The API has been asked nothing since.
func aServerInState(t *testing.T) (*apitest.API, *terraformtest.Core, terraformtest.State) {
	t.Helper()
	api := anAPIWith(t, aServer())
	core, _ := terraform(t)
	state := core.Create("cherryservers_server", serverConfig())
	api.Requests()
	return api, core, state
}

func addressConfig() object {
	return object{
		"project_id": project, "region": region, "target_hostname": "Prod-App", "a_record": "prodapp",
		"ptr_record": "app.example.org",
	}
}

func targetedAddress() object {
	return with(anAddress(), object{
		"targeted_to": object{"id": serverID, "hostname": "Prod-App"}, "routed_to": object{"id": otherIP},
		"a_record": "prodapp.cloud.cherryservers.net.", "ptr_record": "app.example.org.",
	})
}

func anAPIWithAnAddress(t *testing.T) *apitest.API {
	t.Helper()
	return apitest.New(t).
		On("GET "+ordersPath+"?fields=id%2Cname%2Chostname", apitest.OK([]any{
			object{"id": 1, "hostname": "another"},
			object{"id": serverID, "hostname": "prod-app"},
			object{"id": 2, "hostname": "prod-app"},
		})).
		On(fmt.Sprintf("POST /v1/projects/%d/ips", project), apitest.Reply{Status: http.StatusCreated, Body: targetedAddress()}).
		On(fmt.Sprintf("GET /v1/projects/%d/ips", project), apitest.OK([]any{anAddress()})).
		On("GET "+ipPath, apitest.OK(targetedAddress())).
		On("PUT "+ipPath, apitest.OK(targetedAddress())).
		On("DELETE "+ipPath, apitest.Reply{Status: http.StatusNoContent})
}

func anAddressInState(t *testing.T) (*apitest.API, *terraformtest.Core, terraformtest.State) {
	t.Helper()
	api := anAPIWithAnAddress(t)
	core, _ := terraform(t)
	state := core.Create("cherryservers_ip", addressConfig())
	api.Requests()
	return api, core, state
}

func anAPIWithAProject(t *testing.T) *apitest.API {
	t.Helper()
	made := with(aProject(), object{"bgp": object{"enabled": true, "local_asn": 65530}})
	path := fmt.Sprintf("/v1/projects/%d", project)
	return apitest.New(t).
		On("POST /v1/teams/77/projects", apitest.Reply{Status: http.StatusCreated, Body: made}).
		On("GET "+path, apitest.OK(made)).
		On("PUT "+path, apitest.Reply{Status: http.StatusCreated, Body: made}).
		On("DELETE "+path, apitest.Reply{Status: http.StatusNoContent})
}

func aProjectInState(t *testing.T) (*apitest.API, *terraformtest.Core, terraformtest.State) {
	t.Helper()
	api := anAPIWithAProject(t)
	core, _ := terraform(t)
	state := core.Create("cherryservers_project", object{"name": "sandbox", "team_id": 77, "bgp": object{"enabled": true}})
	api.Requests()
	return api, core, state
}

func keyConfig() object {
	return object{"name": "deploy", "public_key": "ssh-ed25519 AAAA deploy@example\n"}
}

func anAPIWithAKey(t *testing.T) *apitest.API {
	t.Helper()
	return apitest.New(t).
		On("POST /v1/ssh-keys", apitest.Reply{Status: http.StatusCreated, Body: aKey()}).
		On("GET "+keyPath, apitest.OK(aKey())).
		On("PUT "+keyPath, apitest.Reply{Status: http.StatusCreated, Body: aKey()}).
		On("DELETE "+keyPath, apitest.Reply{Status: http.StatusNoContent}).
		On("GET /v1/ssh-keys?fields=ssh_key%2Cemail", apitest.OK([]any{with(aKey(), object{"id": 5, "label": "other"}), aKey()}))
}

func aKeyInState(t *testing.T) (*apitest.API, *terraformtest.Core, terraformtest.State) {
	t.Helper()
	api := anAPIWithAKey(t)
	core, _ := terraform(t)
	state := core.Create("cherryservers_ssh_key", keyConfig())
	api.Requests()
	return api, core, state
}

func aPlan() object {
	return object{
		"id": 902, "name": "Cloud VPS B1-2", "slug": plan, "type": "vps",
		"specs": object{
			"cpus":      object{"count": 1, "name": "2 vCore", "cores": 2, "frequency": 0.5, "unit": "GHz"},
			"memory":    object{"count": 1, "total": 2, "unit": "GB", "name": "2GB"},
			"storage":   []any{object{"count": 1, "name": "SSD 40GB", "size": 40, "unit": "GB"}},
			"nics":      object{"name": "1Gbps"},
			"bandwidth": object{"name": "1TB"},
		},
		"pricing":           []any{object{"unit": "Hourly", "price": 0.5, "currency": "EUR"}},
		"available_regions": []any{with(aRegion(), object{"stock_qty": 20, "spot_qty": 3})},
		"softwares":         []any{object{"image": object{"name": "Ubuntu 22.04 64bit", "slug": "ubuntu_22_04"}}},
	}
}

// anAPIToLookThingsUp answers every request of the data sources.
func anAPIToLookThingsUp(t *testing.T) *apitest.API {
	t.Helper()
	return anAPIWith(t, aServer()).
		On("GET "+ordersPath+"?fields=id%2Cname%2Chostname", apitest.OK([]any{object{"id": serverID, "hostname": "prod-app"}})).
		On("GET "+ipPath, apitest.OK(targetedAddress())).
		On(fmt.Sprintf("GET /v1/projects/%d/ips", project), apitest.OK([]any{anAddress()})).
		On("GET "+keyPath, apitest.OK(aKey())).
		On("GET /v1/ssh-keys?fields=ssh_key%2Cemail", apitest.OK([]any{with(aKey(), object{"id": 5, "label": "other"}), aKey()})).
		On(fmt.Sprintf("GET /v1/projects/%d", project), apitest.OK(aProject())).
		On("GET /v1/regions/"+region, apitest.OK(aRegion())).
		On("GET /v1/regions/1", apitest.OK(aRegion())).
		On("GET /v1/regions", apitest.OK([]any{aRegion()})).
		On("GET /v1/plans/"+plan, apitest.OK(aPlan())).
		On("GET /v1/plans/902", apitest.OK(aPlan())).
		On("GET /v1/plans", apitest.OK([]any{aPlan()})).
		On("GET /v1/cycles", apitest.OK([]any{object{"id": 37, "name": "Hourly", "slug": "hourly"}}))
}

// reading reads a data source and gives what was asked meanwhile.
func reading(typeName string, config object) func(*testing.T) []apitest.Request {
	return func(t *testing.T) []apitest.Request {
		t.Helper()
		api := anAPIToLookThingsUp(t)
		core, _ := terraform(t)
		if _, said := core.Data(typeName, config); said.HasError() {
			t.Fatal(said.Text())
		}
		return api.Requests()
	}
}
