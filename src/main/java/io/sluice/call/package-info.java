/**
 * Calls to vendors, and the steps that every attempt of one passes.
 *
 * <p>A {@link io.sluice.call.Call} is a {@link io.sluice.call.CallRequest}, its {@link io.sluice.call.Attempts} and its
 * {@link io.sluice.call.Cancellation}. It belongs to an {@link io.sluice.call.Operation} of an
 * {@link io.sluice.call.Account}.
 * Each vendor interface method takes a call, carries the fault tolerance annotations, and is wrapped, from the outside
 * in, by
 * <ol>
 *   <li>{@code @Retry}, with {@link io.sluice.call.PermitRetryHandler} before each further attempt,
 *   <li>{@code @RateLimit}, {@code @Timeout},
 *   <li>{@link io.sluice.call.AttemptTracked}, which reports the result to the budget, the meters and the annotations,
 *   <li>{@link io.sluice.call.ConnectionInterceptor}, which resets the connection of an attempt that is abandoned,
 *   <li>{@link io.sluice.call.PermitFilter}, which spends the permit and writes the call into the request.
 * </ol>
 *
 * <p>Calls are made through the {@link io.sluice.call.Sender}, which the gateway implements.
 *
 * <p>May use {@code budget}.
 */
@NullMarked
package io.sluice.call;

import org.jspecify.annotations.NullMarked;
