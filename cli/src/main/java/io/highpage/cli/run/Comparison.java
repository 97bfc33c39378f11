// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import java.util.List;

/**
 * How the pipeline and the plain way compare: the same job, the same device, their outputs equal.
 *
 * @param pipeline the last run of the pipeline
 * @param pipelineSeconds each measured run of the pipeline
 * @param plainSeconds each measured run of the plain way
 * @param sha256 the digest of each output
 */
public record Comparison(
        Result pipeline,
        List<Double> pipelineSeconds,
        List<Double> plainSeconds,
        List<String> sha256) {

    /** {@return how many times as fast the pipeline is, over all measured runs} */
    public double ratio() {
        return sum(plainSeconds) / sum(pipelineSeconds);
    }

    /** {@return the mean time of the pipeline in nanoseconds} */
    public long pipelineNanos() {
        return (long) (sum(pipelineSeconds) / pipelineSeconds.size() * 1e9);
    }

    /** {@return the mean time of the plain way in nanoseconds} */
    public long plainNanos() {
        return (long) (sum(plainSeconds) / plainSeconds.size() * 1e9);
    }

    private static double sum(List<Double> seconds) {
        return seconds.stream().mapToDouble(Double::doubleValue).sum();
    }
}
