/** The system calls that programs may make whatever the arguments, by what they are for. */
export const CALLS: Record<string, string> = {
  "read and write": `read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek sendfile splice tee
    vmsplice copy_file_range readahead fadvise64 sync fsync fdatasync syncfs sync_file_range fallocate ftruncate truncate`,
  "open and close": `close close_range dup dup2 dup3 pipe pipe2 fcntl flock ioctl
    memfd_create eventfd eventfd2 signalfd signalfd4`,
  "look at files": `stat fstat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents getdents64
    statfs fstatfs getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr getcwd`,
  "change files": `rmdir rename renameat unlink unlinkat chown fchown lchown fchownat utime utimes utimensat futimesat umask
    chdir fchdir setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr`,
  "watch files": `inotify_init inotify_init1 inotify_add_watch inotify_rm_watch`,
  memory: `brk mmap munmap mremap mprotect madvise msync mincore mlock mlock2 munlock mlockall munlockall membarrier
    pkey_alloc pkey_free pkey_mprotect mseal`,
  "memory between processes": `shmget shmat shmdt shmctl semget semop semtimedop semctl msgget msgsnd msgrcv msgctl
    mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr`,
  processes: `execve execveat fork vfork exit exit_group wait4 waitid getpid getppid gettid getpgid getpgrp setpgid getsid
    setsid prctl arch_prctl set_tid_address getrusage times kill tkill tgkill pidfd_open pidfd_send_signal`,
  "whose they are": `getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid setreuid setregid setresuid
    setresgid setgroups setfsuid setfsgid capget capset`,
  "limits and scheduling": `getrlimit setrlimit prlimit64 getpriority setpriority ioprio_get ioprio_set sched_yield
    sched_getaffinity sched_setaffinity sched_getparam sched_setparam sched_getscheduler sched_setscheduler sched_getattr
    sched_setattr sched_get_priority_max sched_get_priority_min sched_rr_get_interval getcpu`,
  signals: `rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait rt_sigqueueinfo
    rt_tgsigqueueinfo sigaltstack pause restart_syscall`,
  threads: `futex futex_waitv set_robust_list get_robust_list rseq`,
  waiting: `poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old
    epoll_pwait epoll_pwait2`,
  time: `time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep alarm getitimer setitimer timer_create
    timer_settime timer_gettime timer_getoverrun timer_delete timerfd_create timerfd_settime timerfd_gettime`,
  "sockets once made": `bind listen accept accept4 connect getsockname getpeername getsockopt setsockopt sendto recvfrom
    sendmsg recvmsg sendmmsg recvmmsg shutdown`,
  "asynchronous file access": `io_setup io_submit io_cancel io_destroy io_getevents io_pgetevents`,
  "the system's own account": `uname sysinfo getrandom`,
  "giving up more": `seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self`,
};

/** Those that make a file or set its mode. The vault may make them all; the browser may not with every argument. */
export const FILE_CALLS = `open openat openat2 creat mkdir mkdirat mknod mknodat chmod fchmod fchmodat fchmodat2 link linkat
  symlink symlinkat renameat2`;
