using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace RsyncFs.Linux.Hooks;

/// <summary>
/// A request to an address, that it was made being the message: a dead man's switch misses it when it does not come.
/// Nothing of the answer matters but that it is no error.
/// </summary>
public sealed class HttpPing : IDisposable
{
    private const int MaxRedirections = 5;
    private const int AttemptCount = 3;
    private const string MediaType = "application/json";

    // Long enough for a restart of what answers there, short enough for a process that waits for it at its end.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    // Names change their addresses.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    private readonly Uri _address;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _clock;
    private readonly HttpClient _client;

    /// <summary>Asks nothing yet.</summary>
    /// <param name="address">Where to; http or https.</param>
    /// <param name="timeout">How long each attempt may take, from connecting to the begin of the answer.</param>
    /// <param name="clock">Tells time.</param>
    public HttpPing(Uri address, TimeSpan timeout, TimeProvider clock)
    {
        (_address, _timeout, _clock) = (address, timeout, clock);
        _client = new HttpClient(
            new SocketsHttpHandler
            {
                MaxAutomaticRedirections = MaxRedirections,
                PooledConnectionLifetime = ConnectionLifetime,
                UseCookies = false,
            }
        )
        {
            // Each attempt has a time of its own.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.Add(
            new ProductInfoHeaderValue("rsyncfs", productVersion: null)
        );
    }

    /// <summary>Makes the request: POST with <paramref name="body"/>, GET if it is null. What may pass (no answer, 429, 5xx) is tried three times.</summary>
    /// <exception cref="HookException">There was no answer, or it was an error.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task SendAsync(string? body, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (problem, mayPass) = await TryAsync(body, cancellationToken);
            if (problem is null)
            {
                return;
            }

            if (!mayPass || attempt == AttemptCount)
            {
                // The path is often a secret.
                throw new HookException("a ping failed")
                {
                    HasEndedItself = true,
                    Where = _address.GetLeftPart(UriPartial.Authority),
                    Cause = problem,
                };
            }

            await Task.Delay(Pause, _clock, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<(string? Problem, bool MayPass)> TryAsync(
        string? body,
        CancellationToken cancellationToken
    )
    {
        using var deadline = new CancellationTokenSource(_timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, _address);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, MediaType);
        try
        {
            using var answer = await _client.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                either.Token
            );
            var code = answer.StatusCode;
            return answer.IsSuccessStatusCode
                ? (null, false)
                : (
                    $"the answer was {(int)code} {answer.ReasonPhrase}".TrimEnd(),
                    code >= HttpStatusCode.InternalServerError || code == HttpStatusCode.TooManyRequests
                );
        }
        catch (HttpRequestException failure)
        {
            return (failure.InnerException?.Message ?? failure.Message, true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ($"no answer within {_timeout.TotalSeconds:0.###} s", true);
        }
    }
}
