"""A real SLURM on the loopback interface: munged, slurmctld and slurmd, without systemd, and gone when its owner ends.

    python tests/cluster/slurm.py FOLDER COMMAND…   # start it in FOLDER, run COMMAND with it, stop it

Nothing is written outside FOLDER. SLURM's commands find it by ``SLURM_CONF``; the executor's job step drops that
variable and calls ``srun`` by name, so FOLDER/bin holds an ``srun`` that sets it again. A slurm.conf in /etc would do
as well, but left behind there it would slow every later start of Snakemake.
"""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

TOOLS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol", "sinfo", "setpriv")
SEARCH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
NODE = "loopback"
PATIENCE = 120.0
"""Seconds to wait for a daemon or a state on a busy machine."""

CONFIGURATION = """\
ClusterName=targetboard
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SchedulerParameters=sched_interval=1,bf_interval=5
SlurmdParameters=config_overrides
MinJobAge=3600
ReturnToService=2
SlurmdTimeout={node_timeout}
KillWait=2
MpiDefault=none
TaskProlog={folder}/bin/task_prolog
SwitchType=switch/none
NodeName={node} NodeAddr=127.0.0.1 NodeHostname={host} CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes={node} Default=YES MaxTime=60 DefMemPerCPU=500 State=UP
"""


def missing_tools() -> list[str]:
    """Programs of SLURM that this machine lacks."""
    return [tool for tool in TOOLS if shutil.which(tool, path=SEARCH) is None]


class Slurm:
    """One node, one partition; a context manager.

    Parameters
    ----------
    folder
        A new or empty folder for configuration, state and logs.
    cpus
        Processors that the node claims; it may claim more than there are.
    node_timeout
        Seconds after which a silent node is down.
    """

    def __init__(self, folder: Path, cpus: int = 4, node_timeout: int = 30) -> None:
        self.folder = folder.resolve()
        self.cpus = cpus
        self.node_timeout = node_timeout
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def environment(self) -> dict[str, str]:
        """What a command needs to talk to this SLURM and no other."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("SLURM_", "SBATCH_", "SRUN_"))
        }
        return {
            **kept,
            "SLURM_CONF": str(self.folder / "slurm.conf"),
            "PATH": f"{self.folder / 'bin'}:{SEARCH}",
            "TMPDIR": str(self.folder / "submit_tmp"),
        }

    def __enter__(self) -> Slurm:
        try:
            self._write()
            self.start("munged", f"--key-file={self.folder}/munge.key", f"--socket={self.folder}/munge.sock")
            wait_for(lambda: (self.folder / "munge.sock").exists(), "munged")
            self.start("slurmctld")
            self.start("slurmd")
            self.wait_until_idle()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _write(self) -> None:
        for name in ("state", "spool", "bin", "submit_tmp", "node_tmp"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)
        controller_port, node_port = free_ports(2)
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
        text = CONFIGURATION.format(
            host=socket.gethostname().split(".")[0],
            controller_port=controller_port,
            node_port=node_port,
            user=getpass.getuser(),
            folder=self.folder,
            node_timeout=self.node_timeout,
            node=NODE,
            cpus=self.cpus,
            memory=pages * size * 9 // 10 // 2**20,
        )
        configuration = self.folder / "slurm.conf"
        configuration.write_text(text, encoding="utf-8")
        # this srun stands before the real one in PATH; it alone names the configuration that the job step has dropped
        self._script("srun", f'SLURM_CONF={configuration} exec {shutil.which("srun", path=SEARCH)} "$@"')
        # as on a cluster, what a job finds in its temporary folder is not what the submitting host has there
        self._script("task_prolog", f"echo export TMPDIR={self.folder}/node_tmp")

    def _script(self, name: str, command: str) -> None:
        script = self.folder / "bin" / name
        script.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
        script.chmod(0o755)

    def start(self, daemon: str, *options: str) -> None:
        """Start one of the three daemons in the foreground, as a child that dies with this process."""
        usual = {
            "munged": [
                "--foreground",
                "--force",
                f"--pid-file={self.folder}/munged.pid",
                f"--seed-file={self.folder}/seed",
            ],
            "slurmctld": ["-D", "-f", str(self.folder / "slurm.conf")],
            "slurmd": ["-D", "-f", str(self.folder / "slurm.conf"), "-N", NODE],
        }[daemon]
        program = shutil.which(daemon, path=SEARCH)
        if program is None:
            raise FileNotFoundError(daemon)
        with (self.folder / f"{daemon}.out").open("ab") as output:
            self.daemons[daemon] = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", program, *usual, *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                env=self.environment,
                start_new_session=True,
            )

    def call(self, *command: str) -> str:
        """Run one of SLURM's commands; its standard output."""
        run = subprocess.run(
            command,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            cwd=self.folder,
        )
        if run.returncode:
            raise RuntimeError(f"{' '.join(command)}: {run.stderr.strip()}")
        return run.stdout.strip()

    def wait_until_idle(self) -> None:
        """Wait until the node takes jobs."""

        def idle() -> bool:
            for name, daemon in self.daemons.items():
                if daemon.poll() is not None:
                    raise RuntimeError(f"{name} ended with {daemon.returncode}: {self.log(name)}")
            with suppress(RuntimeError):
                return self.call("sinfo", "--noheader", "--format=%T") in {"idle", "mixed", "allocated"}
            return False

        wait_for(idle, "the node")

    def log(self, daemon: str) -> str:
        """The last lines of a daemon's output."""
        lines = (self.folder / f"{daemon}.out").read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-15:])

    def jobs(self, *states: str) -> list[str]:
        """Ids of jobs in the given states (all, finished ones too, without any)."""
        listed = self.call("squeue", "--noheader", "--array", "--format=%i|%T", "--states=all").splitlines()
        pairs = [line.split("|") for line in listed]
        return [job for job, state in pairs if not states or state in states]

    def step_daemons(self, job: str = "") -> list[int]:
        """The slurmstepd of running jobs, or of one job: children of slurmd that it has let go, known by its log."""
        log = str(self.folder / "slurmd.log")
        found = []
        for pid in process_ids():
            with suppress(OSError):
                name = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
                if name.startswith(f"slurmstepd: [{job}") and log in map(
                    os.readlink, Path(f"/proc/{pid}/fd").iterdir()
                ):
                    found.append(pid)
        return found

    def processes(self, job: str) -> list[int]:
        """Everything that runs for a job on the node."""
        return [pid for daemon in self.step_daemons(job) for pid in descendants(daemon)]

    def kill_steps(self, job: str = "") -> None:
        """Kill -9 the slurmstepd of running jobs, or of one job, and everything below them."""
        for daemon in self.step_daemons(job):
            kill(daemon, *descendants(daemon))

    def requeue_lost(self, job: str) -> None:
        """Let the controller notice that the node no longer has a job, and start it again without its usual delay."""

        def noticed() -> bool:
            # the node's report is asked for again and again: one that comes soon after a job's start is not believed
            self.call("scontrol", "reconfigure")
            time.sleep(2)
            return job not in self.jobs("RUNNING")

        wait_for(noticed, f"the loss of job {job} to be noticed")
        if job in self.jobs("PENDING"):
            self.call("scontrol", "update", f"JobId={job}", "StartTime=now")

    def lose_node(self) -> None:
        """What the end of a node looks like: slurmd, its children and everything below them are killed at once."""
        slurmd = self.daemons.pop("slurmd")
        slurmd.kill()
        slurmd.wait()
        while self.step_daemons():
            self.kill_steps()

    def stop(self) -> None:
        """Cancel what runs and end the three daemons, by their own process ids."""
        if "slurmctld" in self.daemons and "slurmd" in self.daemons:
            with suppress(RuntimeError, subprocess.TimeoutExpired):
                running = self.jobs("PENDING", "RUNNING", "CONFIGURING", "COMPLETING")
                if running:
                    self.call("scancel", *running)
                    wait_for(lambda: not self.step_daemons(), "the end of the jobs", seconds=20)
        for name in ("slurmd", "slurmctld", "munged"):
            daemon = self.daemons.pop(name, None)
            if daemon is None:
                continue
            below = descendants(daemon.pid)
            daemon.terminate()
            try:
                daemon.wait(timeout=20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
            kill(*below)


def wait_for(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Poll until ``condition`` holds.

    Raises
    ------
    RuntimeError
        It did not hold in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.1)


def free_ports(number: int) -> list[int]:
    """Ports of the loopback interface that nobody listens on now."""
    sockets = [socket.socket() for _ in range(number)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def process_ids() -> list[int]:
    """All processes of this machine."""
    return sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def descendants(ancestor: int) -> list[int]:
    """Process ids of everything below a process."""
    parents: dict[int, int] = {}
    for pid in process_ids():
        with suppress(OSError):
            parents[pid] = int(Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    found: list[int] = []
    front = {ancestor}
    while front:
        front = {pid for pid, parent in parents.items() if parent in front}
        found += sorted(front)
    return found


def kill(*pids: int) -> None:
    """Kill -9; a process that is gone already is no matter."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def main(arguments: list[str]) -> int:
    """Run a command with a SLURM of its own."""
    if len(arguments) < 2 or missing_tools():
        lacking = ", ".join(missing_tools())
        sys.stderr.write(f"{__doc__}\n" + (f"Missing here: {lacking}\n" if lacking else ""))
        return 2
    with Slurm(Path(arguments[0])) as slurm:
        return subprocess.run(arguments[1:], env=slurm.environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
