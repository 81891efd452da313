package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"cogni.test/sandbox/provider/internal/apitest"
	"cogni.test/sandbox/provider/internal/terraformtest"
)

// How provider 1.5.3 loses things: reference/cherry-api.md, sections 1.1, 1.4, 1.6 and 7.5.

const html = "<html><body><h1>502 Bad Gateway</h1></body></html>"

func TestWhateverFailsAfterTheOrderLeavesAServerThatTerraformDoesNotKnow(t *testing.T) {
	tooMany := apitest.Refused(http.StatusTooManyRequests, "Too many requests.")
	cases := map[string]struct {
		line  string
		reply apitest.Reply
		says  string
	}{
		"a poll is refused":            {"GET " + serverPath + "?fields=state", tooMany, "Error response from API: Too many requests. (error code: 429)"},
		"a poll meets a proxy":         {"GET " + serverPath + "?fields=state", apitest.Reply{Status: 502, Body: html}, "invalid character"},
		"the deployment fails":         {"GET " + serverPath + "?fields=state", apitest.OK(object{"state": "failed"}), "failed to deploy server"},
		"the answer is lost":           {"POST " + ordersPath, apitest.Reply{Hangup: true}, "EOF"},
		"the power is not known":       {"GET " + serverPath + "?fields=power", tooMany, "power-state"},
		"the name is refused":          {"PUT " + serverPath, tooMany, "Too many requests."},
		"it cannot be read at the end": {"GET " + serverPath, tooMany, "Too many requests."},
	}
	for name, fault := range cases {
		t.Run(name, func(t *testing.T) {
			api := anAPIWith(t, aServer()).On(fault.line, fault.reply)
			core, _ := terraform(t)
			applied := core.Apply(core.Plan("cherryservers_server", terraformtest.State{}, serverConfig()))
			if !strings.Contains(applied.Diagnostics.Text(), fault.says) {
				t.Errorf("apply says %q", applied.Diagnostics.Text())
			}
			if !applied.State.IsNull() {
				t.Error("the server is in the state")
			}
			asked := api.Lines()
			if !slices.Contains(asked, "POST "+ordersPath) || slices.Contains(asked, "DELETE "+serverPath) {
				t.Errorf("the API was asked %v", asked)
			}
		})
	}
}

func TestAServerWhoseImageIsNotInItsPlansListIsSavedWithAnError(t *testing.T) {
	anAPIWith(t, aServer()).On("GET "+imagesPath, apitest.OK([]any{}))
	core, _ := terraform(t)
	applied := core.Apply(core.Plan("cherryservers_server", terraformtest.State{}, serverConfig()))
	if !strings.Contains(applied.Diagnostics.Text(), "Unable to normalize CherryServers server image") {
		t.Errorf("apply says %q", applied.Diagnostics.Text())
	}
	if applied.State.IsNull() || applied.State.Get("id") != fmt.Sprint(serverID) {
		t.Error("the server is not in the state")
	}
}

func TestAReinstallationThatFailsIsReportedAndThenForgotten(t *testing.T) {
	api, core, state := aServerInState(t)
	api.On("GET "+serverPath+"?fields=status", apitest.OK(object{"status": "failed deployment"}))
	config := with(serverConfig(), object{"allow_reinstall": true, "user_data": "I2Nsb3VkLWNvbmZpZyAjMgo="})

	applied := core.Apply(core.Plan("cherryservers_server", state, config))

	if !strings.Contains(applied.Diagnostics.Text(), "server is in unknown status") {
		t.Errorf("apply says %q", applied.Diagnostics.Text())
	}
	if asked := api.Lines(); !slices.Contains(asked, "PUT "+serverPath) {
		t.Errorf("the update did not go on: %v", asked)
	}
	refreshed, _ := core.Read("cherryservers_server", applied.State)
	if next := core.Plan("cherryservers_server", refreshed, config); !next.IsNoop() {
		t.Errorf("the next plan has something to do: %s", next.Diagnostics.Text())
	}
}

func TestAReinstallationThatIsNotAllowedFailsOnlyAtApply(t *testing.T) {
	api, core, state := aServerInState(t)
	planned := core.Plan("cherryservers_server", state, with(serverConfig(), object{"user_data": "I2Nsb3VkLWNvbmZpZyAjMgo="}))
	if planned.Diagnostics.HasError() || planned.IsNoop() || len(planned.Replace) > 0 {
		t.Fatalf("the plan is no update in place: %s", planned.Diagnostics.Text())
	}
	applied := core.Apply(planned)
	if !strings.Contains(applied.Diagnostics.Text(), "allow_reinstall attribute not set") {
		t.Errorf("apply says %q", applied.Diagnostics.Text())
	}
	if asked := api.Lines(); len(asked) > 0 {
		t.Errorf("the API was asked %v", asked)
	}
	if applied.State.Get("user_data") != userData {
		t.Errorf("the state holds %v", applied.State.Get("user_data"))
	}
}

func TestAReinstallationThatHasNotBegunAtTheFirstLookCountsAsDone(t *testing.T) {
	api, core, state := aServerInState(t)
	core.Change("cherryservers_server", state, with(serverConfig(), object{"allow_reinstall": true, "os_partition_size": 20}))
	polls := 0
	for _, line := range api.Lines() {
		if line == "GET "+serverPath+"?fields=status" {
			polls++
		}
	}
	if polls != 1 {
		t.Errorf("it looked %d times", polls)
	}
}

func TestAPrimaryAddressOrPowerThatChangesInAReinstallationIsAnInconsistentResult(t *testing.T) {
	api, core, state := aServerInState(t)
	moved := aServer()["ip_addresses"].([]any)
	moved[0] = with(moved[0].(object), object{"address": "203.0.113.99"})
	api.On("GET "+serverPath, apitest.OK(with(aServer(), object{"ip_addresses": moved}))).
		On("GET "+serverPath+"?fields=power", apitest.OK(object{"power": "off"}))
	applied := core.Apply(core.Plan("cherryservers_server", state,
		with(serverConfig(), object{"allow_reinstall": true, "os_partition_size": 20})))
	if !slices.Equal(applied.Inconsistent, []string{"ip_addresses", "power_state"}) {
		t.Errorf("inconsistent: %v, %s", applied.Inconsistent, applied.Diagnostics.Text())
	}
}

func TestAPrivateAddressMayChangeInAReinstallation(t *testing.T) {
	api, core, state := aServerInState(t)
	moved := aServer()["ip_addresses"].([]any)
	moved[1] = with(moved[1].(object), object{"id": "other", "address": "10.168.1.1", "cidr": "10.168.1.0/24"})
	api.On("GET "+serverPath, apitest.OK(with(aServer(), object{"ip_addresses": moved})))
	core.Change("cherryservers_server", state, with(serverConfig(), object{"allow_reinstall": true, "os_partition_size": 20}))
}

func TestTagsThatComeBackAsNullAreAnInconsistentResult(t *testing.T) {
	anAPIWith(t, with(aServer(), object{"tags": nil}))
	core, _ := terraform(t)
	applied := core.Apply(core.Plan("cherryservers_server", terraformtest.State{}, serverConfig()))
	if !slices.Equal(applied.Inconsistent, []string{"tags"}) {
		t.Errorf("inconsistent: %v, %s", applied.Inconsistent, applied.Diagnostics.Text())
	}
}

func TestTheIdInTheAnswerToNamingIsTheOneThatIsReadNext(t *testing.T) {
	api := anAPIWith(t, aServer()).
		On("PUT "+serverPath, apitest.Reply{Status: http.StatusCreated, Body: with(aServer(), object{"id": nil})}).
		On("GET /v1/servers/0", apitest.Refused(http.StatusNotFound, "Resource not found."))
	core, _ := terraform(t)
	applied := core.Apply(core.Plan("cherryservers_server", terraformtest.State{}, serverConfig()))
	if asked := api.Lines(); asked[len(asked)-1] != "GET /v1/servers/0" || !applied.State.IsNull() {
		t.Errorf("the API was asked %v", asked)
	}
}

func TestWhatTheAPISaysIsGoneIsDroppedFromTheState(t *testing.T) {
	notFound := apitest.Refused(http.StatusNotFound, "Resource not found.")
	t.Run("a server", func(t *testing.T) {
		api, core, state := aServerInState(t)
		api.On("GET "+serverPath, notFound)
		mustBeDropped(t, core, "cherryservers_server", state)
	})
	t.Run("a server that is terminating", func(t *testing.T) {
		api, core, state := aServerInState(t)
		api.On("GET "+serverPath, apitest.OK(with(aServer(), object{"state": "terminating"})))
		mustBeDropped(t, core, "cherryservers_server", state)
	})
	t.Run("an address", func(t *testing.T) {
		api, core, state := anAddressInState(t)
		api.On("GET "+ipPath, notFound)
		mustBeDropped(t, core, "cherryservers_ip", state)
	})
	t.Run("a project", func(t *testing.T) {
		api, core, state := aProjectInState(t)
		api.On(fmt.Sprintf("GET /v1/projects/%d", project), notFound)
		mustBeDropped(t, core, "cherryservers_project", state)
	})
	t.Run("a key", func(t *testing.T) {
		api, core, state := aKeyInState(t)
		api.On("GET "+keyPath, notFound)
		mustBeDropped(t, core, "cherryservers_ssh_key", state)
	})
}

func mustBeDropped(t *testing.T, core *terraformtest.Core, typeName string, state terraformtest.State) {
	t.Helper()
	read, said := core.Read(typeName, state)
	if !read.IsNull() || said.HasError() {
		t.Errorf("it is still there: %s", said.Text())
	}
}

func TestADeletedAddressThatAnswers403IsAnErrorForEver(t *testing.T) {
	api, core, state := anAddressInState(t)
	api.On("GET "+ipPath, apitest.Refused(http.StatusForbidden, "Insufficient permissions to access resource."))
	read, said := core.Read("cherryservers_ip", state)
	if read.IsNull() || !strings.Contains(said.Text(), "(error code: 403)") {
		t.Errorf("it says %q", said.Text())
	}
}

func TestAServerThatIsGoneAlreadyCannotBeDestroyed(t *testing.T) {
	api, core, state := aServerInState(t)
	api.On("DELETE "+serverPath, apitest.Refused(http.StatusNotFound, "Resource not found."))
	applied := core.Apply(core.Plan("cherryservers_server", state, nil))
	if !strings.Contains(applied.Diagnostics.Text(), "(error code: 404)") || applied.State.IsNull() {
		t.Errorf("it says %q", applied.Diagnostics.Text())
	}
}

func TestARefreshCrashesOnAnAnswerThatIsNotTheAPIs(t *testing.T) {
	for name, reply := range map[string]apitest.Reply{
		"HTML":             {Status: http.StatusBadGateway, Body: html},
		"an empty body":    {Status: http.StatusBadGateway},
		"a code as text":   {Status: http.StatusBadGateway, Body: object{"code": "502", "message": "Bad Gateway"}},
		"no answer at all": {Hangup: true},
	} {
		t.Run(name, func(t *testing.T) {
			api, core, state := aServerInState(t)
			api.On("GET "+serverPath, reply)
			mustCrash(t, func() { core.Read("cherryservers_server", state) })

			api, core, state = anAddressInState(t)
			api.On("GET "+ipPath, reply)
			mustCrash(t, func() { core.Read("cherryservers_ip", state) })

			api, core, state = aProjectInState(t)
			api.On(fmt.Sprintf("GET /v1/projects/%d", project), reply)
			mustCrash(t, func() { core.Read("cherryservers_project", state) })

			api, core, state = aKeyInState(t)
			api.On("GET "+keyPath, reply)
			mustCrash(t, func() { core.Read("cherryservers_ssh_key", state) })
		})
	}
}

func mustCrash(t *testing.T, work func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Error("it did not crash")
		}
	}()
	work()
}

func TestARefreshThatTheAPIRefusesKeepsTheState(t *testing.T) {
	api, core, state := aServerInState(t)
	api.On("GET "+serverPath, apitest.Refused(http.StatusServiceUnavailable, "Something went wrong."))
	read, said := core.Read("cherryservers_server", state)
	if read.IsNull() || !strings.Contains(said.Text(), "(error code: 503)") {
		t.Errorf("it says %q", said.Text())
	}
}

func TestAnAnswerOfAnotherTypeIsAnError(t *testing.T) {
	api, core, state := aServerInState(t)
	api.On("GET "+serverPath, apitest.OK(with(aServer(), object{"id": "811000"})))
	if _, said := core.Read("cherryservers_server", state); !strings.Contains(said.Text(), "cannot unmarshal string") {
		t.Errorf("it says %q", said.Text())
	}
}

func TestAServerDeletedWithAnotherStatusMustComeWithABody(t *testing.T) {
	api, core, state := aServerInState(t)
	api.On("DELETE "+serverPath, apitest.Reply{Status: http.StatusOK})
	if applied := core.Apply(core.Plan("cherryservers_server", state, nil)); !strings.Contains(applied.Diagnostics.Text(), "EOF") {
		t.Errorf("it says %q", applied.Diagnostics.Text())
	}
	api, core, state = anAddressInState(t)
	api.On("DELETE "+ipPath, apitest.Reply{Status: http.StatusOK})
	core.Change("cherryservers_ip", state, nil)
}

func TestAHostThatWasReplacedBehindItsIdPlansNothing(t *testing.T) {
	_, core, state := aServerInState(t)
	read, said := core.Read("cherryservers_server", state)
	if said.HasError() || !core.Plan("cherryservers_server", read, serverConfig()).IsNoop() {
		t.Errorf("something is planned: %s", said.Text())
	}
}

func TestKeysThatAreGoneFromTheAPIPlanAWipe(t *testing.T) {
	api, core, state := aServerInState(t)
	api.On("GET "+serverPath, apitest.OK(with(aServer(), object{"ssh_keys": []any{}})))
	read, _ := core.Read("cherryservers_server", state)
	if cost := costOf(core.Plan("cherryservers_server", read, serverConfig())); cost != "wipe" {
		t.Errorf("it costs: %s", cost)
	}
}

func TestARegionThatWasRenamedPlansAnotherServer(t *testing.T) {
	api, core, state := aServerInState(t)
	api.On("GET "+serverPath, apitest.OK(with(aServer(), object{"region": with(aRegion(), object{"slug": "eu_nord_1"})})))
	read, _ := core.Read("cherryservers_server", state)
	if cost := costOf(core.Plan("cherryservers_server", read, serverConfig())); cost != "replace" {
		t.Errorf("it costs: %s", cost)
	}
}
