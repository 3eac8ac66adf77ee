package fault

// listeningTranslations holds the messages about the addresses on which a hub listens, and its path there.
var listeningTranslations = map[string]translation{
	"%s %q is no address: write host and port, as %s, with a port from 0 to 65535.": {
		"%s %q n'est pas une adresse: écrivez l'hôte et le port, comme %s, avec un port de 0 à 65535.",
		"%s %q no es una dirección: escriba el servidor y el puerto, como %s, con un puerto de 0 a 65535.",
	},
	"%s %q is no Unix socket: write unix: and a whole path of at most %d bytes, as unix:/run/rightshub/hub.sock.": {
		"%s %q n'est pas un socket Unix: écrivez unix: et un chemin complet d'au plus %d octets, comme " +
			"unix:/run/rightshub/hub.sock.",
		"%s %q no es un socket Unix: escriba unix: y una ruta completa de %d bytes como máximo, como " +
			"unix:/run/rightshub/hub.sock.",
	},
	"Cannot listen on %s. Another program uses it, or this machine lacks the address. Choose another with %s.": {
		"Impossible d'écouter sur %s. Un autre programme utilise l'adresse, ou cette machine ne l'a pas. " +
			"Choisissez-en une autre avec %s.",
		"No se puede escuchar en %s. Otro programa usa la dirección, o esta máquina no la tiene. Elija otra con %s.",
	},
	"The socket %s cannot be created: its folder must exist and be writable for the hub. Choose another with %s.": {
		"Le socket %s ne peut pas être créé: son dossier doit exister et le serveur doit pouvoir y écrire. " +
			"Choisissez-en un autre avec %s.",
		"No se puede crear el socket %s: su carpeta debe existir y el servidor debe poder escribir en ella. " +
			"Elija otro con %s.",
	},
	"%s is a file and not a socket. Remove it, or choose another with %s.": {
		"%s est un fichier et non un socket. Supprimez-le, ou choisissez-en un autre avec %s.",
		"%s es un archivo y no un socket. Elimínelo, o elija otro con %s.",
	},
	"Another program answers on the socket %s. Stop it, or choose another with %s.": {
		"Un autre programme répond sur le socket %s. Arrêtez-le, ou choisissez-en un autre avec %s.",
		"Otro programa responde en el socket %s. Deténgalo, o elija otro con %s.",
	},
	"The socket %s of an ended program cannot be removed. Remove it, or choose another with %s.": {
		"Le socket %s d'un programme terminé ne peut pas être supprimé. Supprimez-le, ou choisissez-en un autre avec %s.",
		"No se puede eliminar el socket %s de un programa terminado. Elimínelo, o elija otro con %s.",
	},
	"The hub is at %s/ on this host.": {
		"Le serveur se trouve à %s/ sur cet hôte.",
		"El servidor está en %s/ en este host.",
	},

	// Hosts and origins.
	"The request names no host. Send a Host header.": {
		"La requête ne nomme aucun hôte. Envoyez un en-tête Host.",
		"La petición no nombra ningún host. Envíe un encabezado Host.",
	},
	"This hub does not answer for the host %s. The operator can allow it with --allowed-hosts %s. " +
		"A hub that listens on this machine alone answers for localhost without that.": {
		"Ce serveur ne répond pas pour l'hôte %s. L'opérateur peut l'autoriser par --allowed-hosts %s. " +
			"Un serveur qui n'écoute que sur cette machine répond pour localhost sans cela.",
		"Este servidor no responde por el host %s. El operador puede permitirlo con --allowed-hosts %s. " +
			"Un servidor que solo escucha en esta máquina responde por localhost sin eso.",
	},
	"Pages of %s may not use the hub, which was asked as %s. The operator can allow the origin with " +
		"--allowed-origins %s. If it is the hub's own address, the proxy must pass Host unchanged.": {
		"Les pages de %s ne peuvent pas utiliser le serveur, appelé sous le nom de %s. L'opérateur peut autoriser " +
			"l'origine par --allowed-origins %s. Si c'est l'adresse du serveur lui-même, le proxy doit transmettre Host " +
			"sans le changer.",
		"Las páginas de %s no pueden usar el servidor, llamado con el nombre %s. El operador puede permitir el origen " +
			"con --allowed-origins %s. Si es la dirección del propio servidor, el proxy debe pasar Host sin cambiarlo.",
	},
}
