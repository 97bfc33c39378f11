/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Linux headers that linux.symbols picks from, as one translation unit for jextract.
 * No code: nothing compiles or links this file.
 */
#ifndef HIGHPAGE_BINDINGS_LINUX_H
#define HIGHPAGE_BINDINGS_LINUX_H

/* For memfd_create, mlock2, dladdr, mremap and the MADV_ values that POSIX does not know. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/io_uring.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <linux/userfaultfd.h>

#endif
