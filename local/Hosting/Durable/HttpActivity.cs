using System.Net;
using Microsoft.Azure.Functions.Worker.Extensions.DurableTask.Http;
using Microsoft.DurableTask;
using Microsoft.Extensions.Primitives;

namespace AiOs.Local.Hosting.Durable;

/// <summary>Makes the calls of <c>CallHttpAsync</c>, repeated as the request says.</summary>
sealed class HttpActivity(HttpClient client, TimeProvider time) : TaskActivity<DurableHttpRequest, DurableHttpResponse>
{
    public override async Task<DurableHttpResponse> RunAsync(TaskActivityContext context, DurableHttpRequest input)
    {
        var retry = input.HttpRetryOptions;
        var started = time.GetTimestamp();
        var wait = retry?.FirstRetryInterval ?? TimeSpan.Zero;
        for (var attempt = 1; ; attempt++)
        {
            var mayRepeat = retry is not null && attempt < retry.MaxNumberOfAttempts && time.GetElapsedTime(started) + wait < retry.RetryTimeout;
            try
            {
                var response = await SendAsync(input);
                if (!mayRepeat || !Repeats(retry!, response.StatusCode))
                    return response;
            }
            catch (Exception failure) when (mayRepeat && failure is HttpRequestException or TimeoutException)
            {
                // The next attempt may do better.
            }
            await Task.Delay(wait, time, CancellationToken.None);
            var next = wait * retry!.BackoffCoefficient;
            wait = next < retry.MaxRetryInterval ? next : retry.MaxRetryInterval;
        }
    }

    async Task<DurableHttpResponse> SendAsync(DurableHttpRequest input)
    {
        using var request = new HttpRequestMessage(input.Method, input.Uri);
        if (input.Content is not null)
            request.Content = new StringContent(input.Content);
        foreach (var (name, values) in input.Headers ?? new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase))
        {
            if (request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                continue;
            request.Content?.Headers.Remove(name);
            request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }
        using var limit = input.Timeout is { } timeout ? new CancellationTokenSource(timeout, time) : new();
        try
        {
            using var response = await client.SendAsync(request, limit.Token);
            return new(response.StatusCode)
            {
                Headers = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => new StringValues([.. h.Value]), StringComparer.OrdinalIgnoreCase),
                Content = await response.Content.ReadAsStringAsync(limit.Token),
            };
        }
        catch (OperationCanceledException late) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException($"{input.Method} {input.Uri} took longer than {input.Timeout:c}.", late);
        }
    }

    static bool Repeats(HttpRetryOptions retry, HttpStatusCode status) =>
        retry.StatusCodesToRetry.Count > 0 ? retry.StatusCodesToRetry.Contains(status) : (int)status >= 500;
}
