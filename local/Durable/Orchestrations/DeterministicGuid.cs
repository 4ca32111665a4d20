using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AiOs.Local.Durable.Orchestrations;

/// <summary>Ids that every replay makes again: name-based UUIDs, RFC 4122 section 4.3.</summary>
static class DeterministicGuid
{
    // The namespace that Durable Functions uses, so that an id does not depend on the engine.
    static readonly Guid space = Guid.Parse("9e952958-5e33-4daf-827f-2fa12937b875");

    /// <summary>The id number <paramref name="count"/> of an instance at that time.</summary>
    public static Guid New(string instanceId, DateTime now, int count)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{instanceId}_{now:o}_{count}");
        var bytes = new byte[16 + Encoding.UTF8.GetByteCount(name)];
        space.TryWriteBytes(bytes, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(name, bytes.AsSpan(16));
#pragma warning disable RS0030, CA5350 // SHA-1 is what version 5 of the RFC is made of; nothing here is secret.
        var id = SHA1.HashData(bytes).AsSpan(0, 16);
#pragma warning restore RS0030, CA5350
        id[6] = (byte)((id[6] & 0x0f) | 0x50);
        id[8] = (byte)((id[8] & 0x3f) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
