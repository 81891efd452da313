package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cogni.test/sandbox/provider/internal/terraformtest"
)

func TestAnUnchangedConfigurationPlansNothing(t *testing.T) {
	for name, config := range map[string]object{
		"a server with everything set":    serverConfig(),
		"a server with what it must have": {"project_id": project, "plan": plan, "region": region},
	} {
		t.Run(name, func(t *testing.T) {
			anAPIWith(t, aServer())
			core, _ := terraform(t)
			state := core.Create("cherryservers_server", config)
			if changed := core.Plan("cherryservers_server", state, config); !changed.IsNoop() || len(changed.Diagnostics) > 0 {
				t.Errorf("something is planned: %v", changed.Diagnostics.Text())
			}
		})
	}
}

// What a change of each attribute costs: reference/cherry-api.md, section 2.1.
func TestWhatAChangeOfAServersAttributeCosts(t *testing.T) {
	cases := []struct {
		attribute string
		to        any
		cost      string
	}{
		{"plan", "B1-4-4gb-80s-shared", "replace"},
		{"project_id", 254001, "replace"},
		{"region", "NL-Amsterdam", "replace"},
		{"extra_ip_addresses_ids", []any{ipID}, "replace"},
		{"ip_addresses_ids", []any{ipID}, "replace"},
		{"spot_instance", true, "replace"},
		{"cycle", "monthly", "replace"},
		{"discount_code", "less", "replace"},
		{"image", "ubuntu_24_04_64bit", "wipe"},
		{"ssh_key_ids", []any{"13002"}, "wipe"},
		{"user_data", "I2Nsb3VkLWNvbmZpZyAjMgo=", "wipe"},
		{"os_partition_size", 20, "wipe"},
		{"name", "another", "in place"},
		{"hostname", "another", "in place"},
		{"tags", object{"env": "preview"}, "in place"},
		{"allow_reinstall", true, "in place"},
		{"timeouts", object{"create": "5m"}, "in place"},
	}
	for _, change := range cases {
		t.Run(change.attribute, func(t *testing.T) {
			_, core, state := aServerInState(t)
			planned := core.Plan("cherryservers_server", state, with(serverConfig(), object{change.attribute: change.to}))
			if planned.IsNoop() {
				t.Fatal("nothing is planned")
			}
			if cost := costOf(planned); cost != change.cost {
				t.Errorf("it costs: %s, expected: %s (%s)", cost, change.cost, planned.Diagnostics.Text())
			}
		})
	}
	for name := range configurable(t, "cherryservers_server") {
		covered := slices.ContainsFunc(cases, func(change struct {
			attribute string
			to        any
			cost      string
		}) bool {
			return change.attribute == name
		})
		if !covered {
			t.Errorf("what a change of %s costs is not tested", name)
		}
	}
}

// costOf reads a plan as a person does: another server, a warning that the disk is wiped, or neither.
func costOf(planned terraformtest.Plan) string {
	warnings := planned.Diagnostics.Warnings()
	wiped := slices.ContainsFunc(warnings, func(text string) bool {
		return strings.Contains(text, "Server re-install required.") && strings.Contains(text, "wipe all of your data")
	})
	switch {
	case len(planned.Replace) > 0:
		return "replace"
	case wiped:
		return "wipe"
	case len(warnings) > 0:
		return fmt.Sprintf("unexpected warnings: %v", warnings)
	default:
		return "in place"
	}
}

// configurable gives the attributes of a resource that can be configured.
func configurable(t *testing.T, typeName string) map[string]bool {
	t.Helper()
	core, _ := terraform(t)
	names := map[string]bool{}
	for _, attribute := range core.Schemas.ResourceSchemas[typeName].Block.Attributes {
		if attribute.Required || attribute.Optional {
			names[attribute.Name] = true
		}
	}
	return names
}

func TestTheWarningOfAWipeNamesTheAttribute(t *testing.T) {
	_, core, state := aServerInState(t)
	planned := core.Plan("cherryservers_server", state, with(serverConfig(), object{"user_data": "I2Nsb3VkLWNvbmZpZyAjMgo="}))
	if warnings := planned.Diagnostics.Warnings(); len(warnings) != 1 || !strings.HasPrefix(warnings[0], "[user_data]") {
		t.Errorf("the warnings are %q", warnings)
	}
}

func TestAPlannedWipeLeavesOnlyThePriceAndThePrivateAddressOpen(t *testing.T) {
	_, core, state := aServerInState(t)
	planned := core.Plan("cherryservers_server", state, with(serverConfig(), object{"os_partition_size": 20})).Planned
	for _, kept := range []string{"id", "state", "power_state", "image", "hostname"} {
		if planned.Get(kept) != state.Get(kept) {
			t.Errorf("%s is planned to be %v", kept, planned.Get(kept))
		}
	}
	if planned.Get("pricing") != (terraformtest.Unknown{}) {
		t.Errorf("the price is planned to be %v", planned.Get("pricing"))
	}
	for _, element := range planned.Get("ip_addresses").([]any) {
		address := element.(map[string]any)
		_, open := address["address"].(terraformtest.Unknown)
		if private := address["type"] == "private-ip"; open != private {
			t.Errorf("the %v is planned as %v", address["type"], address["address"])
		}
	}
}

func TestAnUpdateInPlaceKeepsThePrivateAddress(t *testing.T) {
	_, core, state := aServerInState(t)
	planned := core.Plan("cherryservers_server", state, with(serverConfig(), object{"name": "another"})).Planned
	if fmt.Sprint(planned.Get("ip_addresses")) != fmt.Sprint(state.Get("ip_addresses")) {
		t.Errorf("the addresses are planned as %v", planned.Get("ip_addresses"))
	}
}

func TestBothKindsOfExtraAddressesExcludeEachOther(t *testing.T) {
	core, _ := terraform(t)
	said := core.Validate("cherryservers_server", with(serverConfig(), object{
		"extra_ip_addresses_ids": []any{ipID}, "ip_addresses_ids": []any{ipID},
	}))
	if !strings.Contains(said.Text(), "Invalid Attribute Combination") {
		t.Errorf("the configuration is accepted: %s", said.Text())
	}
}

func TestUserDataThatIsNotBase64GetsThroughThePlan(t *testing.T) {
	api := anAPIWith(t, aServer())
	core, _ := terraform(t)
	config := with(serverConfig(), object{"user_data": "#cloud-config"})
	if said := core.Validate("cherryservers_server", config); said.HasError() {
		t.Fatal(said.Text())
	}
	planned := core.Plan("cherryservers_server", terraformtest.State{}, config)
	if planned.Diagnostics.HasError() {
		t.Fatal(planned.Diagnostics.Text())
	}
	applied := core.Apply(planned)
	if !strings.Contains(applied.Diagnostics.Text(), "unable to read user data") {
		t.Errorf("apply says %q", applied.Diagnostics.Text())
	}
	if asked := api.Lines(); len(asked) > 0 {
		t.Errorf("the API was asked %v", asked)
	}
}

func TestAnImportedServerPlansAWipeWhereUserDataIsConfigured(t *testing.T) {
	anAPIWith(t, aServer())
	core, _ := terraform(t)
	imported, said := core.Import("cherryservers_server", fmt.Sprint(serverID))
	if said.HasError() {
		t.Fatal(said.Text())
	}
	state, said := core.Read("cherryservers_server", imported)
	if said.HasError() || state.Get("user_data") != nil || state.Get("hostname") != "prod-app" {
		t.Fatalf("%v %s", state.Get("user_data"), said.Text())
	}
	if cost := costOf(core.Plan("cherryservers_server", state, serverConfig())); cost != "wipe" {
		t.Errorf("it costs: %s", cost)
	}
	without := core.Plan("cherryservers_server", state, with(serverConfig(), object{"user_data": nil}))
	if cost := costOf(without); cost != "in place" {
		t.Errorf("without user data it costs: %s (%s)", cost, without.Diagnostics.Text())
	}
}
