package provider_test

import (
	"strings"
	"testing"

	"cogni.test/sandbox/provider/internal/provider"
	"cogni.test/sandbox/provider/internal/terraformtest"
)

func TestTheTokenComesFromTheConfigurationThenFromEitherVariable(t *testing.T) {
	cases := map[string]struct {
		config   object
		key      string
		fallback string
		sent     string
	}{
		"all three":         {object{"api_token": "configured"}, "key", "token", "configured"},
		"both variables":    {object{}, "key", "token", "key"},
		"CHERRY_AUTH_TOKEN": {object{}, "", "token", "token"},
	}
	for name, given := range cases {
		t.Run(name, func(t *testing.T) {
			t.Setenv("CHERRY_AUTH_KEY", given.key)
			t.Setenv("CHERRY_AUTH_TOKEN", given.fallback)
			api := anAPIToLookThingsUp(t)
			core := terraformtest.Start(t, provider.New(provider.Pace{}))
			if said := core.Configure(given.config); said.HasError() {
				t.Fatal(said.Text())
			}
			core.Data("cherryservers_cycles", object{})
			if sent := api.Requests()[0].Header.Get("Authorization"); sent != "Bearer "+given.sent {
				t.Errorf("it sent %q", sent)
			}
		})
	}
}

func TestWithoutATokenItSaysWhereOneCanBeSet(t *testing.T) {
	for name, config := range map[string]object{"none": {}, "an empty one": {"api_token": ""}} {
		t.Run(name, func(t *testing.T) {
			core := terraformtest.Start(t, provider.New(provider.Pace{}))
			said := core.Configure(config).Text()
			for _, word := range []string{"Missing CherryServers API Token", "api_token", "CHERRY_AUTH_KEY", "CHERRY_AUTH_TOKEN"} {
				if !strings.Contains(said, word) {
					t.Errorf("it does not say %s: %s", word, said)
				}
			}
		})
	}
}

func TestAnEmptyConfiguredTokenIsNotReplacedByAVariable(t *testing.T) {
	t.Setenv("CHERRY_AUTH_KEY", "key")
	core := terraformtest.Start(t, provider.New(provider.Pace{}))
	if said := core.Configure(object{"api_token": ""}); !said.HasError() {
		t.Error("it is accepted")
	}
}

func TestATokenThatIsKnownOnlyAfterApplyIsRefused(t *testing.T) {
	core := terraformtest.Start(t, provider.New(provider.Pace{}))
	said := core.Configure(object{"api_token": terraformtest.Unknown{}})
	if !strings.Contains(said.Text(), "Unknown CherryServers API Token") {
		t.Errorf("it says %q", said.Text())
	}
}
