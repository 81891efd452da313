package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cogni.test/sandbox/provider/internal/apitest"
)

func TestDataSourcesReportWhatTheAPISays(t *testing.T) {
	cases := map[string]struct {
		typeName string
		config   object
		values   object
	}{
		"a server": {"cherryservers_server", object{"id": fmt.Sprint(serverID)}, object{
			"id": "811000", "hostname": "prod-app", "image": "ubuntu_22_04", "plan": plan, "project_id": project,
			"region": region, "state": "active", "power_state": "on", "ssh_key_ids": []any{"13001"}, "tags": object{},
			"pricing": object{"price": 0.5, "currency": "EUR"}, "os_partition_size": nil, "spot_instance": false,
		}},
		"an address": {"cherryservers_ip", object{"address": "203.0.113.200", "project_id": project}, object{
			"id": ipID, "target_id": "811000", "target_ip_id": otherIP, "a_record": nil,
			"a_record_effective": "prodapp.cloud.cherryservers.net.", "ptr_record_effective": "app.example.org.",
			"type": "floating-ip", "address_family": 4, "tags": object{},
		}},
		"a project": {"cherryservers_project", object{"id": project}, object{
			"name": "sandbox", "bgp": object{"enabled": false, "local_asn": 0},
		}},
		"a key": {"cherryservers_ssh_key", object{"name": "deploy"}, object{
			"id": "13001", "public_key": "ssh-ed25519 AAAA deploy@example", "fingerprint": "00:11",
		}},
		"a region by its number": {"cherryservers_region", object{"id": 1}, object{
			"slug": region, "region_iso_2": "LT", "bgp": object{"hosts": []any{"192.0.2.1"}, "asn": 65001},
		}},
		"a plan by its number": {"cherryservers_plan", object{"id": 902}, object{
			"slug": plan, "type": "vps", "pricing": []any{object{"unit": "Hourly", "price": 0.5, "currency": "EUR"}},
			"specs": aPlan()["specs"], "softwares": aPlan()["softwares"], "available_regions": aPlan()["available_regions"],
		}},
		"all cycles": {"cherryservers_cycles", object{}, object{
			"cycles": []any{object{"id": 37, "name": "Hourly", "slug": "hourly"}},
		}},
	}
	for name, expected := range cases {
		t.Run(name, func(t *testing.T) {
			anAPIToLookThingsUp(t)
			core, _ := terraform(t)
			found, said := core.Data(expected.typeName, expected.config)
			if said.HasError() {
				t.Fatal(said.Text())
			}
			for attribute, value := range expected.values {
				compare(t, attribute, asJSON(t, value), asJSON(t, found.Get(attribute)))
			}
		})
	}
}

func TestListsHoldTheSameAsTheirSingleDataSources(t *testing.T) {
	anAPIToLookThingsUp(t)
	core, _ := terraform(t)
	for list, single := range map[string]string{"cherryservers_plans": "cherryservers_plan", "cherryservers_regions": "cherryservers_region"} {
		listed, said := core.Data(list, object{})
		if said.HasError() {
			t.Fatal(said.Text())
		}
		id := 902
		if single == "cherryservers_region" {
			id = 1
		}
		one, said := core.Data(single, object{"id": id})
		if said.HasError() {
			t.Fatal(said.Text())
		}
		first := listed.Get(strings.TrimPrefix(list, "cherryservers_")).([]any)[0].(map[string]any)
		for attribute, value := range first {
			compare(t, list+"."+attribute, asJSON(t, one.Get(attribute)), asJSON(t, value))
		}
	}
}

func TestDataSourcesWantExactlyOneWayToFindAThing(t *testing.T) {
	core, _ := terraform(t)
	for typeName, configs := range map[string][]object{
		"cherryservers_server":  {{}, {"id": "1", "hostname": "a"}, {"hostname": "a"}, {"project_id": project}},
		"cherryservers_ip":      {{}, {"id": "1", "address": "a"}, {"address": "a"}, {"project_id": project}},
		"cherryservers_ssh_key": {{}, {"id": "1", "name": "a"}},
		"cherryservers_region":  {{}, {"id": 1, "slug": "a"}},
		"cherryservers_plan":    {{}, {"id": 1, "slug": "a"}},
	} {
		for _, config := range configs {
			if _, said := core.Data(typeName, config); !said.HasError() {
				t.Errorf("%s takes %v", typeName, config)
			}
		}
	}
}

func TestANameThatSeveralKeysShareIsAnError(t *testing.T) {
	apitest.New(t).On("GET /v1/ssh-keys?fields=ssh_key%2Cemail", apitest.OK([]any{aKey(), with(aKey(), object{"id": 5})}))
	core, _ := terraform(t)
	if _, said := core.Data("cherryservers_ssh_key", object{"name": "deploy"}); !strings.Contains(said.Text(), "multiple SSH keys") {
		t.Errorf("it says %q", said.Text())
	}
}

func TestANameThatNoKeyHasAsksForTheKeyZero(t *testing.T) {
	api := apitest.New(t).
		On("GET /v1/ssh-keys?fields=ssh_key%2Cemail", apitest.OK([]any{aKey()})).
		On("GET /v1/ssh-keys/0", apitest.Refused(http.StatusNotFound, "Resource not found."))
	core, _ := terraform(t)
	if _, said := core.Data("cherryservers_ssh_key", object{"name": "other"}); !said.HasError() {
		t.Error("it found one")
	}
	if asked := api.Lines(); len(asked) != 2 {
		t.Errorf("the API was asked %v", asked)
	}
}

func TestARegionOfAPlanWithoutAnyFieldCrashes(t *testing.T) {
	broken := with(aPlan(), object{"available_regions": []any{object{"stock_qty": 1}}})
	apitest.New(t).On("GET /v1/plans/"+plan, apitest.OK(broken))
	core, _ := terraform(t)
	mustCrash(t, func() { core.Data("cherryservers_plan", object{"slug": plan}) })
}

func TestADataSourceThatMeetsAProxysErrorDoesNotCrash(t *testing.T) {
	apitest.New(t).On("GET "+serverPath, apitest.Reply{Status: http.StatusBadGateway, Body: html})
	core, _ := terraform(t)
	if _, said := core.Data("cherryservers_server", object{"id": fmt.Sprint(serverID)}); !said.HasError() {
		t.Error("it says nothing")
	}
}

// asJSON passes a value through JSON, so that numbers compare.
func asJSON(t *testing.T, value any) any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var decoded any
	if err := json.Unmarshal(text, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}
