using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;

namespace AiOs.Models.Conversion;

/// <summary>Reads what is embedded in an assembly without loading it: nothing in it runs.</summary>
static class ManifestResources
{
    /// <summary>The resource called <paramref name="name"/>, whose SHA-256 has to be <paramref name="digest"/> (64 hex digits).</summary>
    /// <exception cref="InvalidDataException">This is no assembly, there is no such resource in it, or it is another one.</exception>
    public static byte[] Read(string assembly, string name, string digest)
    {
        var bytes = Read(assembly, name);
        var actual = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return actual == digest ? bytes : throw new InvalidDataException($"{name} in {assembly} is not the file that was looked at: its SHA-256 is {actual}, not {digest}.");
    }

    static byte[] Read(string assembly, string name)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        try
        {
            var metadata = file.GetMetadataReader();
            foreach (var resource in metadata.ManifestResources.Select(metadata.GetManifestResource).Where(resource => metadata.StringComparer.Equals(resource.Name, name)))
            {
                var section = file.GetSectionData(file.PEHeaders.CorHeader!.ResourcesDirectory.RelativeVirtualAddress);
                var length = section.GetReader((int)resource.Offset, sizeof(int)).ReadInt32();
                return [.. section.GetContent((int)resource.Offset + sizeof(int), length)];
            }
        }
        catch (Exception e) when (e is BadImageFormatException or ArgumentOutOfRangeException)
        {
            throw new InvalidDataException($"{assembly} is no intact assembly: {e.Message}", e);
        }
        throw new InvalidDataException($"There is no resource {name} in {assembly}.");
    }
}
