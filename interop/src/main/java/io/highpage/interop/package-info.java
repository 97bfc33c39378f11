// SPDX-License-Identifier: Apache-2.0

/** What the bridges share: pins as {@code java.nio} buffers. */
package io.highpage.interop;
