/**
 * What a call to a vendor is, and what every attempt of one goes through.
 *
 * <p>A {@link io.sluice.call.Call} belongs to an {@link io.sluice.call.Operation} of an
 * {@link io.sluice.call.Account}. Each vendor interface method takes a call, carries the fault tolerance annotations,
 * and is wrapped, from the outside in, by
 * <ol>
 *   <li>{@code @Retry}, with {@link io.sluice.call.PermitRetryHandler} before each further attempt,
 *   <li>{@code @RateLimit}, {@code @Timeout},
 *   <li>{@link io.sluice.call.AttemptTracked}, which tells the budget, the meters and the annotations how it went,
 *   <li>{@link io.sluice.call.ConnectionInterceptor}, by which an attempt that is given up has its connection reset,
 *   <li>{@link io.sluice.call.PermitFilter}, which spends the permit and writes the call into the request.
 * </ol>
 *
 * <p>Whoever has a call to make hands it to the {@link io.sluice.call.Sender}, which the gateway implements.
 *
 * <p>May use {@code budget}.
 */
@NullMarked
package io.sluice.call;

import org.jspecify.annotations.NullMarked;
