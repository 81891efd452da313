package provider_test

import (
	"strings"
	"testing"
	"time"

	"cogni.test/sandbox/provider/internal/apitest"
	"cogni.test/sandbox/provider/internal/terraformtest"
)

func pending() apitest.Reply { return apitest.OK(object{"state": "pending"}) }

func TestAServerThatIsActiveAtTheFirstLookCostsNoWait(t *testing.T) {
	anAPIWith(t, aServer())
	core, watch := terraform(t)
	core.Create("cherryservers_server", serverConfig())
	if len(watch.waits) > 0 {
		t.Errorf("it waited %v", watch.waits)
	}
}

func TestEachWaitIsOneAndAHalfTimesTheLastUpToAMinuteAndVariesByHalf(t *testing.T) {
	nominal := []float64{10, 15, 22.5, 33.75, 50.625, 60, 60, 60}
	replies := []apitest.Reply{}
	for range nominal {
		replies = append(replies, pending())
	}
	replies = append(replies, apitest.OK(object{"state": "provisioning"}), apitest.OK(object{"state": "active"}))
	anAPIWith(t, aServer()).On("GET "+serverPath+"?fields=state", replies...)
	core, watch := terraform(t)

	core.Create("cherryservers_server", serverConfig())

	if len(watch.waits) != len(nominal)+1 {
		t.Fatalf("it waited %v", watch.waits)
	}
	for index, seconds := range nominal {
		if wait := watch.waits[index].Seconds(); wait < seconds*0.5 || wait > seconds*1.5 {
			t.Errorf("wait %d took %.1f s, nominally %.1f s", index+1, wait, seconds)
		}
	}
}

func TestPollingGivesUpAsSoonAsTheNextWaitWouldPassTheLimit(t *testing.T) {
	anAPIWith(t, aServer()).On("GET "+serverPath+"?fields=state", pending())
	core, watch := terraform(t)
	config := with(serverConfig(), object{"timeouts": object{"create": "1s"}})

	applied := core.Apply(core.Plan("cherryservers_server", terraformtest.State{}, config))

	if !strings.Contains(applied.Diagnostics.Text(), "server is in inactive state") || !applied.State.IsNull() {
		t.Errorf("apply says %q", applied.Diagnostics.Text())
	}
	if len(watch.waits) > 0 {
		t.Errorf("it waited %v", watch.waits)
	}
}

func TestWithoutATimeoutPollingGoesOnForAnHour(t *testing.T) {
	anAPIWith(t, aServer()).On("GET "+serverPath+"?fields=state", pending())
	core, watch := terraform(t)
	began := watch.now
	core.Apply(core.Plan("cherryservers_server", terraformtest.State{}, serverConfig()))
	if waited := watch.now.Sub(began); waited > time.Hour || waited < time.Hour-90*time.Second {
		t.Errorf("it waited %v", waited)
	}
}

func TestAReinstallationWaitsUntilItIsDeployed(t *testing.T) {
	api := anAPIWith(t, aServer())
	core, watch := terraform(t)
	state := core.Create("cherryservers_server", serverConfig())
	api.On("GET "+serverPath+"?fields=status",
		apitest.OK(object{"status": "deploying"}), apitest.OK(object{"status": "deployed"}))
	core.Change("cherryservers_server", state, with(serverConfig(), object{"allow_reinstall": true, "os_partition_size": 20}))
	if len(watch.waits) != 1 {
		t.Errorf("it waited %v", watch.waits)
	}
}
