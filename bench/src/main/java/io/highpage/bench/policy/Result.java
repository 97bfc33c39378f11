// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import com.fasterxml.jackson.annotation.JsonIgnore;

import io.highpage.bench.policy.Trace.Limit;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the policies move on one trace.
 *
 * @param trace its name
 * @param memoryBytes the bytes of device memory
 * @param dataBytes the bytes of all spans
 * @param uses how many there are
 * @param limit that stands beside it
 * @param moved bytes, by the title of the policy; what the optimum moves is a bound from below
 */
public record Result(
        String trace,
        long memoryBytes,
        long dataBytes,
        int uses,
        Limit limit,
        Map<String, Long> moved) {

    /** {@return what all policies move} */
    static Result of(Trace trace) {
        Map<String, Long> moved = new LinkedHashMap<>();
        for (Policy policy : Policy.values()) {
            moved.put(policy.title(), policy.moved(trace));
        }
        return of(trace, moved);
    }

    /** {@return a result of which it is known what each policy moves} */
    static Result of(Trace trace, Map<String, Long> moved) {
        return new Result(
                trace.name(),
                trace.memoryBytes(),
                trace.dataBytes(),
                trace.spans().size(),
                trace.limit(),
                moved);
    }

    long moved(Policy policy) {
        return moved.get(policy.title());
    }

    /** {@return how many times as much as the optimum a policy moves} */
    double toOptimum(Policy policy) {
        return (double) moved(policy) / Math.max(1, moved(Policy.OPTIMUM));
    }

    /** {@return the best of the others that do not know the future} */
    @JsonIgnore
    Policy best() {
        Policy best = Policy.LRU;
        for (Policy policy : Policy.values()) {
            best = policy.isPeer() && moved(policy) < moved(best) ? policy : best;
        }
        return best;
    }

    /** {@return how many times as much as that Highpage's moves} */
    double toBest() {
        return (double) moved(Policy.HIGHPAGE) / Math.max(1, moved(best()));
    }

    /** {@return whether Highpage's policy keeps the limit} */
    @JsonIgnore
    boolean isKept() {
        return switch (limit.than()) {
            case OPTIMUM -> toOptimum(Policy.HIGHPAGE) <= limit.times();
            case BEST -> toBest() <= limit.times();
            case NONE -> true;
        };
    }
}
