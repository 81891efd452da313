package provider_test

import (
	"strings"
	"testing"
	"time"

	"cogni.test/sandbox/provider/internal/apitest"
	"cogni.test/sandbox/provider/internal/provider"
	"cogni.test/sandbox/provider/internal/terraformtest"
)

func quickly(t *testing.T, speed string) *terraformtest.Core {
	t.Helper()
	pace, err := provider.PaceOf(speed)
	if err != nil {
		t.Fatal(err)
	}
	core := terraformtest.Start(t, provider.New(pace))
	if said := core.Configure(terraformtest.Config{"api_token": token}); said.HasError() {
		t.Fatal(said.Text())
	}
	return core
}

func TestAQuickClockShortensTheWaitsAndNothingElse(t *testing.T) {
	api := anAPIWith(t, aServer()).On("GET "+serverPath+"?fields=state",
		pending(), pending(), pending(), apitest.OK(object{"state": "active"}))
	began := time.Now()
	quickly(t, "10000").Create("cherryservers_server", serverConfig())
	// Nominally 47.5 s; at the least half of it.
	if took := time.Since(began); took < 2*time.Millisecond || took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
	polls := 0
	for _, line := range api.Lines() {
		if line == "GET "+serverPath+"?fields=state" {
			polls++
		}
	}
	if polls != 4 {
		t.Errorf("it looked %d times", polls)
	}
}

func TestAQuickClockKeepsTheLimit(t *testing.T) {
	anAPIWith(t, aServer()).On("GET "+serverPath+"?fields=state", pending())
	began := time.Now()
	core := quickly(t, "100000")
	applied := core.Apply(core.Plan("cherryservers_server", terraformtest.State{}, serverConfig()))
	if !strings.Contains(applied.Diagnostics.Text(), "server is in inactive state") || !applied.State.IsNull() {
		t.Errorf("apply says %q", applied.Diagnostics.Text())
	}
	// An hour, in 36 ms.
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestTheSpeedOfTheClockIsAWholeNumber(t *testing.T) {
	for _, speed := range []string{"0", "-1", "fast", "1.5"} {
		if _, err := provider.PaceOf(speed); err == nil || !strings.Contains(err.Error(), provider.SpeedVariable) {
			t.Errorf("%q: %v", speed, err)
		}
	}
	if pace, err := provider.PaceOf(""); err != nil || pace.Clock != nil || pace.NewTimer != nil {
		t.Errorf("without a value the clock is not the real one: %v, %v", pace, err)
	}
}
