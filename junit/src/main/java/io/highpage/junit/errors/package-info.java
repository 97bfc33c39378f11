// SPDX-License-Identifier: Apache-2.0

/** Not exported: how this project's own tests make code meet errors of the JVM itself. */
package io.highpage.junit.errors;
