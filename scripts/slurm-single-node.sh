#!/usr/bin/env bash
# A Slurm of one node on this machine, for the tests of sweeps: Debian's slurm-wlm and munge, reachable on loopback only.
# Needs root; SLURM_STATE names the folder of its state. Prints the path of its slurm.conf, to be set as SLURM_CONF. Run
# again it starts what does not run; --stop ends its daemons.
set -euo pipefail
state=${SLURM_STATE:-/var/lib/deeptheory-slurm}
conf=$state/slurm.conf

if [ "${1:-}" = --stop ]; then
  for daemon in slurmctld slurmd munged; do
    [ -f "$state/$daemon.pid" ] || continue
    pid=$(cat "$state/$daemon.pid")
    kill "$pid" 2> /dev/null || continue
    for _ in $(seq 50); do
      kill -0 "$pid" 2> /dev/null || break
      sleep 0.1
    done
  done
  exit 0
fi
[ "$(id -u)" = 0 ] || { echo 'slurm-single-node.sh needs root' >&2; exit 1; }
if ! command -v slurmctld > /dev/null || ! command -v munged > /dev/null; then
  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends slurm-wlm munge; } > /dev/null
fi

mkdir -p "$state/spool" "$state/controller"
host=$(hostname -s)
cpus=$(nproc)
cat > "$conf" << END
ClusterName=deeptheory
SlurmctldHost=$host(127.0.0.1)
SlurmctldAddr=127.0.0.1
SlurmctldPort=26817
SlurmdPort=26818
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$state/munge.socket
CredType=cred/munge
StateSaveLocation=$state/controller
SlurmdSpoolDir=$state/spool
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.pid
SlurmctldLogFile=$state/slurmctld.log
SlurmdLogFile=$state/slurmd.log
SwitchType=switch/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,sched_interval=1
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
KillWait=10
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END

runs() { [ -f "$state/$1.pid" ] && kill -0 "$(cat "$state/$1.pid")" 2> /dev/null; }
if [ ! -f "$state/munge.key" ]; then
  (umask 077; head -c 1024 /dev/urandom > "$state/munge.key")
fi
runs munged || munged --force --key-file="$state/munge.key" --socket="$state/munge.socket" --pid-file="$state/munged.pid" \
  --log-file="$state/munged.log" --seed-file="$state/munge.seed"
runs slurmctld || slurmctld -c -f "$conf"
runs slurmd || slurmd -f "$conf"
for _ in $(seq 60); do
  if SLURM_CONF=$conf sinfo -h -o %T 2> /dev/null | grep -q -E 'idle|mixed|allocated'; then
    echo "$conf"
    exit 0
  fi
  sleep 0.5
done
echo "the node did not come up; see $state/*.log" >&2
exit 1
