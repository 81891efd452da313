phase_directories() {
  directory /opt/cogni 755 root
  directory /opt/cogni/edge 755 deploy
  directory /opt/cogni/runtime 750 deploy
  directory /opt/cogni/sourcecred 750 deploy
  directory $state 755 root
  directory $state/deploy 750 deploy
}
