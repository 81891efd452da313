package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cogni.test/sandbox/provider/internal/apitest"
	"cogni.test/sandbox/provider/internal/terraformtest"
)

func TestUnchangedConfigurationsOfTheOtherResourcesPlanNothing(t *testing.T) {
	t.Run("an address", func(t *testing.T) {
		_, core, state := anAddressInState(t)
		mustPlanNothing(t, core.Plan("cherryservers_ip", state, addressConfig()))
	})
	t.Run("a project", func(t *testing.T) {
		_, core, state := aProjectInState(t)
		mustPlanNothing(t, core.Plan("cherryservers_project", state,
			object{"name": "sandbox", "team_id": 77, "bgp": object{"enabled": true}}))
	})
	t.Run("a project without a word on BGP", func(t *testing.T) {
		apitest.New(t).On("POST /v1/teams/77/projects", apitest.Reply{Status: http.StatusCreated, Body: aProject()})
		core, _ := terraform(t)
		config := object{"name": "sandbox", "team_id": 77}
		mustPlanNothing(t, core.Plan("cherryservers_project", core.Create("cherryservers_project", config), config))
	})
	t.Run("a key", func(t *testing.T) {
		_, core, state := aKeyInState(t)
		mustPlanNothing(t, core.Plan("cherryservers_ssh_key", state, keyConfig()))
	})
}

func mustPlanNothing(t *testing.T, planned terraformtest.Plan) {
	t.Helper()
	if !planned.IsNoop() || len(planned.Diagnostics) > 0 {
		t.Errorf("something is planned: %s", planned.Diagnostics.Text())
	}
}

// reference/cherry-api.md, sections 2.2 and 2.3.
func TestWhatAChangeOfTheOtherResourcesAttributesCosts(t *testing.T) {
	address := map[string]struct {
		changes object
		cost    string
	}{
		"project_id":      {object{"project_id": 254001}, "replace"},
		"region":          {object{"region": "NL-Amsterdam"}, "replace"},
		"target_id":       {object{"target_hostname": nil, "target_id": "1"}, "in place"},
		"target_hostname": {object{"target_hostname": "other"}, "in place"},
		"target_ip_id":    {object{"target_hostname": nil, "target_ip_id": ipID}, "in place"},
		"a_record":        {object{"a_record": "other"}, "in place"},
		"ptr_record":      {object{"ptr_record": "other.example.org"}, "in place"},
		"tags":            {object{"tags": object{"env": "preview"}}, "in place"},
	}
	for name, change := range address {
		t.Run("an address's "+name, func(t *testing.T) {
			_, core, state := anAddressInState(t)
			mustCost(t, core.Plan("cherryservers_ip", state, with(addressConfig(), change.changes)), change.cost)
		})
	}
	for name, change := range map[string]struct {
		changes object
		cost    string
	}{
		"team_id": {object{"team_id": 78}, "replace"},
		"name":    {object{"name": "other"}, "in place"},
		"bgp":     {object{"bgp": object{"enabled": false}}, "in place"},
	} {
		t.Run("a project's "+name, func(t *testing.T) {
			_, core, state := aProjectInState(t)
			config := object{"name": "sandbox", "team_id": 77, "bgp": object{"enabled": true}}
			mustCost(t, core.Plan("cherryservers_project", state, with(config, change.changes)), change.cost)
		})
	}
	for _, name := range []string{"name", "public_key"} {
		t.Run("a key's "+name, func(t *testing.T) {
			_, core, state := aKeyInState(t)
			planned := core.Plan("cherryservers_ssh_key", state, with(keyConfig(), object{name: "ssh-ed25519 BBBB"}))
			mustCost(t, planned, "in place")
			if planned.Planned.Get("id") != state.Get("id") {
				t.Errorf("the id is planned to be %v", planned.Planned.Get("id"))
			}
		})
	}
}

func mustCost(t *testing.T, planned terraformtest.Plan, cost string) {
	t.Helper()
	if planned.IsNoop() {
		t.Error("nothing is planned")
	}
	if actual := costOf(planned); actual != cost {
		t.Errorf("it costs: %s, expected: %s", actual, cost)
	}
}

func TestDroppingTheTargetDoesNotDetachTheAddress(t *testing.T) {
	_, core, state := anAddressInState(t)
	mustPlanNothing(t, core.Plan("cherryservers_ip", state, with(addressConfig(), object{"target_hostname": nil})))
}

func TestTargetIdZeroDetachesTheAddress(t *testing.T) {
	api, core, state := anAddressInState(t)
	api.On("GET "+ipPath, apitest.OK(with(targetedAddress(), object{"targeted_to": nil, "routed_to": nil})))
	core.Change("cherryservers_ip", state, with(addressConfig(), object{"target_hostname": nil, "target_id": "0"}))
	body := api.Requests()[0].Body.(map[string]any)
	if body["targeted_to"] != "0" || body["routed_to"] != nil {
		t.Errorf("it sent %v", body)
	}
}

func TestAnAddressForAServerThatIsNotThereIsNotOrdered(t *testing.T) {
	api := anAPIWithAnAddress(t).On("GET "+ordersPath+"?fields=id%2Cname%2Chostname", apitest.OK([]any{}))
	core, _ := terraform(t)
	applied := core.Apply(core.Plan("cherryservers_ip", terraformtest.State{}, addressConfig()))
	if !strings.Contains(applied.Diagnostics.Text(), "could not find server with `Prod-App` hostname") {
		t.Errorf("apply says %q", applied.Diagnostics.Text())
	}
	if asked := api.Lines(); len(asked) != 1 {
		t.Errorf("the API was asked %v", asked)
	}
}

func TestTheThreeKindsOfTargetExcludeEachOther(t *testing.T) {
	core, _ := terraform(t)
	targets := object{"target_id": "1", "target_hostname": "prod-app", "target_ip_id": otherIP}
	for one := range targets {
		for other := range targets {
			if one == other {
				continue
			}
			config := object{"project_id": project, "region": region, one: targets[one], other: targets[other]}
			if !strings.Contains(core.Validate("cherryservers_ip", config).Text(), "Invalid Attribute Combination") {
				t.Errorf("%s and %s are accepted together", one, other)
			}
		}
	}
}

func TestAKeyThatTheAPIKeepsInAnotherFormIsAnInconsistentResult(t *testing.T) {
	anAPIWithAKey(t).On("GET "+keyPath, apitest.OK(with(aKey(), object{"key": "ssh-ed25519 AAAA"})))
	core, _ := terraform(t)
	applied := core.Apply(core.Plan("cherryservers_ssh_key", terraformtest.State{}, keyConfig()))
	if len(applied.Inconsistent) != 1 || applied.Inconsistent[0] != "public_key" {
		t.Errorf("inconsistent: %v", applied.Inconsistent)
	}
}

func TestImportingTheOtherResources(t *testing.T) {
	for typeName, id := range map[string]string{
		"cherryservers_ip": ipID, "cherryservers_ssh_key": fmt.Sprint(keyID), "cherryservers_project": fmt.Sprintf("77,%d", project),
	} {
		t.Run(typeName, func(t *testing.T) {
			anAPIToLookThingsUp(t)
			core, _ := terraform(t)
			imported, said := core.Import(typeName, id)
			if said.HasError() {
				t.Fatal(said.Text())
			}
			read, said := core.Read(typeName, imported)
			if said.HasError() || read.IsNull() {
				t.Fatalf("it cannot be read: %s", said.Text())
			}
			if typeName == "cherryservers_project" && (read.Get("team_id") != 77.0 || read.Get("name") != "sandbox") {
				t.Errorf("team %v, name %v", read.Get("team_id"), read.Get("name"))
			}
		})
	}
}

func TestAProjectIsImportedByTeamAndProject(t *testing.T) {
	core, _ := terraform(t)
	for _, id := range []string{"254000", "77,", ",254000", "team,254000", "1,2,3"} {
		if _, said := core.Import("cherryservers_project", id); !said.HasError() {
			t.Errorf("%q is accepted", id)
		}
	}
}
