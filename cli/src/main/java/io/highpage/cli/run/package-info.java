// SPDX-License-Identifier: Apache-2.0

/** A kernel over files: in one piece, as a pipeline of pieces, or the plain way to compare with. */
package io.highpage.cli.run;
