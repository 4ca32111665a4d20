using System.Globalization;
using System.Text;
using Microsoft.DurableTask;

namespace AiOs.Local.Durable;

/// <summary>What may go into the engine.</summary>
sealed class Limits(DurableEngineOptions options)
{
    /// <summary>The payload, when it is not too large.</summary>
    /// <exception cref="ArgumentException">It is.</exception>
    public string? Payload(string? payload, string what)
    {
        if (payload is not null && (long)payload.Length * 3 > options.MaxPayloadBytes && Encoding.UTF8.GetByteCount(payload) is var bytes && bytes > options.MaxPayloadBytes)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"The {what} has {bytes:N0} bytes and may have {options.MaxPayloadBytes:N0}. Store it elsewhere and pass a reference."), what);
        return payload;
    }

    /// <summary>The custom status, when it is not too large.</summary>
    /// <exception cref="ArgumentException">It is.</exception>
    public string? CustomStatus(string? status) => status is null || (long)status.Length * sizeof(char) <= options.MaxCustomStatusBytes
        ? status
        : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
            $"The custom status has {status.Length * sizeof(char):N0} bytes and may have {options.MaxCustomStatusBytes:N0}."), nameof(status));

    /// <summary>An id for an instance that was given none: 32 hexadecimal digits that grow with time (RFC 9562, version 7), so that new rows are neighbours in the index of ids.</summary>
    public static string NewInstanceId() => Guid.CreateVersion7().ToString("N");

    /// <summary>Refuses to start an orchestration that is not named.</summary>
    /// <exception cref="ArgumentException">It has no name.</exception>
    public static void RequireName(TaskName name, string parameter)
    {
        if (name == default)
            throw new ArgumentException("An orchestration needs a name.", parameter);
    }

    /// <summary>The instance id, when it can be one.</summary>
    /// <exception cref="ArgumentException">It is empty, too long, has control characters or is an entity's.</exception>
    public static string InstanceId(string? id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        if (id.Length > 1024)
            throw new ArgumentException("An instance id has at most 1,024 characters.", nameof(id));
        if (id[0] == '@')
            throw new ArgumentException($"'{id}' is the id of an entity, and an orchestration is asked for. Ids of orchestrations do not begin with '@'.", nameof(id));
        if (id.Any(char.IsControl))
            throw new ArgumentException("An instance id has no control characters.", nameof(id));
        return id;
    }
}
